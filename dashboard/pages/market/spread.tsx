/** How prices and areas are spread, as bars that are drawn on the server. */
import type { Distribution, SpreadMeasure } from '../../../src/storage/distribution-reader.ts';
import type { MarketParts } from './market-form.tsx';

interface SpreadParts extends MarketParts {
  readonly distributions: Readonly<Record<SpreadMeasure, Distribution | null>>;
}

const width = 320;
const height = 120;
const gap = 2;

export function Spread({ distributions, query, texts, context }: SpreadParts) {
  const isRent = query.deal === 'rent';
  const titles = { amount: isRent ? texts.rentAmount : texts.price, perM2: texts.perM2, area: texts.area } as const;
  const measures = ['amount', 'perM2', 'area'] as const;
  return (
    <section>
      <h2>{texts.spread}</h2>
      <p class="soft">{texts.spreadNote}</p>
      <div class="charts three">
        {measures.map((measure) => {
          const distribution = distributions[measure];
          if (distribution === null) return null;
          return (
            <Histogram
              title={titles[measure]}
              distribution={distribution}
              texts={texts}
              format={context.format}
              key={measure}
            />
          );
        })}
      </div>
    </section>
  );
}

interface HistogramParts extends Pick<MarketParts, 'texts'> {
  readonly title: string;
  readonly distribution: Distribution;
  readonly format: MarketParts['context']['format'];
}

function Histogram({ title, distribution, texts, format }: HistogramParts) {
  const { bins, width: binWidth } = distribution;
  const most = Math.max(...bins.map(({ count }) => count), 1);
  const step = width / bins.length;
  const label = (from: number) => `${format.number(from, 1)}–${format.number(from + binWidth, 1)}`;
  const [first] = bins;
  const last = bins.at(-1);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg class="bars" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title}>
        {bins.map(({ from, count }, index) => {
          const tall = (count / most) * height;
          return (
            <rect x={index * step} y={height - tall} width={Math.max(1, step - gap)} height={tall} key={from}>
              <title>{`${label(from)}: ${format.number(count)}`}</title>
            </rect>
          );
        })}
      </svg>
      <p class="ends soft">
        <span>{format.number(first?.from ?? null, 1)}</span>
        <span>{format.number(last === undefined ? null : last.from + binWidth, 1)}</span>
      </p>
      <details>
        <summary>{texts.figures}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{title}</th>
              <th scope="col" class="number">
                {texts.count}
              </th>
            </tr>
          </thead>
          <tbody>
            {bins.map(({ from, count }) => (
              <tr key={from}>
                <th scope="row">{label(from)}</th>
                <td class="number">{format.number(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

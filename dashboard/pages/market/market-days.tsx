/**
 * A market day by day. The table has the figures; the script draws them from there, so that both always say the same.
 */
import type { MarketDay } from '../../../src/storage/market-reader.ts';
import type { MarketParts } from './market-form.tsx';

interface DaysParts extends MarketParts {
  /** Every day of the period, oldest first. */
  readonly asked: readonly string[];
  /** The complete ones among them. */
  readonly days: readonly MarketDay[];
}

export function Days({ asked, days, query, texts, context }: DaysParts) {
  const charts = [
    [texts.stock, 'stock'],
    [
      query.deal === 'rent' ? `${texts.medianPerM2} (${texts.rent.toLowerCase()})` : texts.medianPerM2,
      'medianPerM2Eur',
    ],
    [texts.comings, 'new gone cuts'],
    [texts.medianDays, 'medianDays'],
  ] as const;
  return (
    <section>
      <h2>{texts.overTime}</h2>
      <p class="soft">{texts.note}</p>
      {days.length === 0 ? (
        <p>{texts.noDays}</p>
      ) : (
        <>
          <div class="charts" data-locale={context.language}>
            {charts.map(([title, columns]) => (
              <figure key={columns}>
                <figcaption>{title}</figcaption>
                <div class="chart" data-columns={columns} role="img" aria-label={texts.chartOf(title)} />
              </figure>
            ))}
          </div>
          <details>
            <summary>{texts.figures}</summary>
            <DayTable asked={asked} days={days} query={query} texts={texts} context={context} />
          </details>
        </>
      )}
    </section>
  );
}

function DayTable({ asked, days, texts, context: { format } }: DaysParts) {
  const columns = [
    ['stock', texts.stock, 0],
    ['new', texts.new, 0],
    ['gone', texts.gone, 0],
    ['cuts', texts.cuts, 0],
    ['medianPerM2Eur', texts.medianPerM2, 2],
    ['medianDays', texts.medianDays, 0],
  ] as const;
  const known = new Map(days.map((day) => [day.day, day]));
  return (
    <div class="wide">
      <table id="day-table">
        <thead>
          <tr>
            <th scope="col">{texts.day}</th>
            {columns.map(([name, title]) => (
              <th scope="col" class="number" data-column={name} key={name}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {asked.map((day) => {
            const row = known.get(day);
            return (
              <tr data-day={day} key={day}>
                <th scope="row">{format.day(day)}</th>
                {row === undefined ? (
                  <td colSpan={columns.length} class="soft">
                    {texts.gap}
                  </td>
                ) : (
                  columns.map(([name, , digits]) => (
                    <td class="number" data-value={row[name]} key={name}>
                      {format.number(row[name], digits)}
                    </td>
                  ))
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The map, its legend, and what it shows as lists. */
import type { ListingSummary } from '../../../src/storage/listings-page-reader.ts';
import type { MapOverview } from '../../../src/storage/map-reader.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { listingsTexts } from '../../texts/listings.ts';
import type { MapTexts } from '../../texts/map.ts';
import { Select } from '../fields.tsx';
import { ListingsTable } from '../listings/listings-table.tsx';
import type { MapPageQuery } from './map-query.ts';

interface MapParts {
  readonly query: MapPageQuery;
  readonly city: string;
  readonly overview: MapOverview;
  readonly texts: MapTexts;
  readonly context: RequestContext;
}

interface MapViewParts extends MapParts {
  readonly cities: readonly string[];
  readonly rows: readonly ListingSummary[];
  /** How many there are of which `rows` are the newest, those without a position too. */
  readonly total: number;
  /** Where the map looks at; null = at the whole city. */
  readonly focus: { readonly latitude: number; readonly longitude: number } | null;
  readonly tiles: { readonly url: string; readonly attribution: string } | null;
}

export function MapView({ cities, rows, total, focus, tiles, ...parts }: MapViewParts) {
  const { query, city, overview, texts, context } = parts;
  const { bounds, limits, areas, count } = overview;
  const labels = areas.map(({ postalCode, latitude, longitude }) => [postalCode, latitude, longitude]);
  return (
    <>
      <MapForm query={query} city={city} cities={cities} texts={texts} />
      <p class="lead">{count === 0 ? texts.none : texts.count(context.format.number(count))}</p>
      {bounds === null ? null : (
        <>
          <section
            id="map"
            aria-label={texts.map(city)}
            data-city={city}
            data-deal={query.deal}
            data-colour={query.colour}
            data-bounds={JSON.stringify([bounds.south, bounds.west, bounds.north, bounds.east])}
            data-focus={focus === null ? undefined : JSON.stringify([focus.latitude, focus.longitude])}
            data-limits={JSON.stringify(limits)}
            data-areas={JSON.stringify(labels)}
            data-tiles={tiles?.url}
            data-attribution={tiles?.attribution}
            data-many={texts.many('#')}
          >
            <noscript>{texts.noScript}</noscript>
          </section>
          <Legend {...parts} />
        </>
      )}
      <Areas {...parts} />
      <section>
        <h2>{texts.list}</h2>
        <ListingsTable rows={rows} texts={listingsTexts[context.language]} context={context} />
        {total <= rows.length ? null : (
          <p>
            <a href={`/listings?${new URLSearchParams({ city: parts.city, deal: query.deal })}`}>
              {texts.listAll(context.format.number(total))}
            </a>
          </p>
        )}
      </section>
    </>
  );
}

function MapForm({ query, city, cities, texts }: Pick<MapViewParts, 'query' | 'city' | 'cities' | 'texts'>) {
  const selects = [
    ['city', texts.city, city, cities.map((name) => [name, name] as const)],
    ['deal', texts.deal, query.deal, [['sale', texts.sale] as const, ['rent', texts.rent] as const]],
    ['colour', texts.colour, query.colour, [['per_m2', texts.perM2] as const, ['days', texts.days] as const]],
  ] as const;
  return (
    <form method="get" action="/map" class="filters">
      {selects.map(([name, label, value, options]) => (
        <Select name={name} label={label} value={value} options={options} key={name} />
      ))}
      <div class="actions">
        <button type="submit">{texts.apply}</button>
      </div>
    </form>
  );
}

function Legend({ query, overview: { limits }, texts, context: { format } }: MapParts) {
  if (limits.length === 0) return null;
  const digits = query.deal === 'rent' && query.colour === 'per_m2' ? 1 : 0;
  const names = [...limits.map((limit) => texts.upTo(format.number(limit, digits)))];
  const last = limits.at(-1);
  if (last !== undefined) names.push(texts.above(format.number(last, digits)));
  return (
    <p class="legend">
      <strong>{`${texts.legend}, ${query.colour === 'days' ? texts.days : texts.perM2}:`}</strong>
      {names.map((name, index) => (
        <span key={name}>
          <i class={`swatch class-${index}`} aria-hidden="true" /> {name}
        </span>
      ))}
    </p>
  );
}

function Areas({ query, city, overview: { areas }, texts, context: { format } }: MapParts) {
  if (areas.length === 0) return null;
  const digits = query.deal === 'rent' && query.colour === 'per_m2' ? 2 : 0;
  return (
    <section>
      <h2>{texts.areas}</h2>
      <details>
        <summary>{format.number(areas.length)}</summary>
        <table class="narrow">
          <thead>
            <tr>
              <th scope="col">{texts.postal}</th>
              <th scope="col" class="number">
                {texts.listings}
              </th>
              <th scope="col" class="number">
                {`${texts.legend}, ${query.colour === 'days' ? texts.days : texts.perM2}`}
              </th>
            </tr>
          </thead>
          <tbody>
            {areas.map(({ postalCode, count, value }) => (
              <tr key={postalCode}>
                <th scope="row">
                  <a href={`/listings?${new URLSearchParams({ city, deal: query.deal, postal: postalCode })}`}>
                    {postalCode}
                  </a>
                </th>
                <td class="number">{format.number(count)}</td>
                <td class="number">{format.number(value, digits)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

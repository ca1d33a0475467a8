/** What is offered in each city, or in each postal code of one. */
import type { MarketPlace } from '../../../src/storage/market-reader.ts';
import type { MarketParts } from './market-form.tsx';

export function Places({ places, query, texts, context }: MarketParts & { readonly places: readonly MarketPlace[] }) {
  const { format } = context;
  const isRent = query.deal === 'rent';
  const titles = [
    ...[texts.offered, texts.new30, texts.gone30, isRent ? texts.medianRent : texts.medianPrice],
    ...[texts.medianPerM2, texts.medianArea, texts.medianDays],
  ];
  const linkOf = (place: string) =>
    query.city === ''
      ? new URLSearchParams({ city: place, deal: query.deal })
      : new URLSearchParams({ city: query.city, deal: query.deal, postal: place });
  return (
    <section>
      <h2>{query.city === '' ? texts.cities : texts.postalCodes}</h2>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">{query.city === '' ? texts.city : texts.postal}</th>
              {titles.map((title) => (
                <th scope="col" class="number" key={title}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {places.map((row) => {
              const values = [
                ...[format.number(row.offered), format.number(row.new), format.number(row.gone)],
                ...[format.eur(row.medianAmountEur), format.number(row.medianPerM2Eur, isRent ? 2 : 0)],
                ...[format.number(row.medianAreaM2, 1), format.number(row.medianDays)],
              ];
              return (
                <tr key={row.place}>
                  <th scope="row">
                    {row.place === null ? texts.noPlace : <a href={`/market?${linkOf(row.place)}`}>{row.place}</a>}
                  </th>
                  {values.map((value, index) => (
                    <td class="number" key={index}>
                      {value}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

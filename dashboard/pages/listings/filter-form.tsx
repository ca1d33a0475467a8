/** The filters of the listings, as a form that is an address: it works without a script, and its answer can be linked to. */
import type { ListingOrder } from '../../../src/storage/listings-page-reader.ts';
import type { ListingQuery } from '../../http/listing-query.ts';
import { hasFurtherFilters } from '../../http/listing-query.ts';
import type { ListingsTexts } from '../../texts/listings.ts';
import { Field, Select } from '../fields.tsx';

interface FilterParts {
  readonly query: ListingQuery;
  readonly cities: readonly string[];
  readonly texts: ListingsTexts;
}

const energyClasses = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];

export function FilterForm({ query, cities, texts }: FilterParts) {
  return (
    <form method="get" action="/listings" class="filters" aria-label={texts.filters}>
      <Field id="q" label={texts.search} isWide>
        <input id="q" name="q" type="search" value={query.q ?? ''} maxlength={200} />
      </Field>
      <Select
        name="city"
        label={texts.city}
        value={query.city ?? ''}
        options={[['', texts.anyCity], ...cities.map((city) => [city, city] as const)]}
      />
      <Select
        name="deal"
        label={texts.deal}
        value={query.deal ?? ''}
        options={[
          ['', texts.anyDeal],
          ['sale', texts.sale],
          ['rent', texts.rent],
        ]}
      />
      <Select
        name="sort"
        label={texts.order}
        value={query.sort ?? 'newest'}
        // The names come from the orders themselves.
        options={(Object.keys(texts.orders) as ListingOrder[]).map((order) => [order, texts.orders[order]])}
      />
      <details open={hasFurtherFilters(query)}>
        <summary>{texts.more}</summary>
        <FurtherFilters query={query} texts={texts} />
      </details>
      <div class="actions">
        <button type="submit">{texts.apply}</button>
        <a href="/listings">{texts.clear}</a>
      </div>
    </form>
  );
}

function FurtherFilters({ query, texts }: Omit<FilterParts, 'cities'>) {
  return (
    <div class="further">
      <Select
        name="status"
        label={texts.status}
        value={query.status ?? 'offered'}
        options={[
          ['offered', texts.offered],
          ['gone', texts.gone],
          ['all', texts.all],
        ]}
      />
      <NumberField name="price_min" label={texts.priceMin} value={query.price_min} />
      <NumberField name="price_max" label={texts.priceMax} value={query.price_max} />
      <NumberField name="area_min" label={texts.areaMin} value={query.area_min} />
      <NumberField name="area_max" label={texts.areaMax} value={query.area_max} />
      <NumberField name="rooms_min" label={texts.roomsMin} value={query.rooms_min} />
      <NumberField name="rooms_max" label={texts.roomsMax} value={query.rooms_max} />
      <NumberField name="year_min" label={texts.yearMin} value={query.year_min} />
      <NumberField name="year_max" label={texts.yearMax} value={query.year_max} />
      <Select
        name="energy"
        label={texts.energy}
        value={query.energy ?? ''}
        options={[['', texts.any], ...energyClasses.map((letter) => [letter, letter] as const)]}
      />
      <Field id="postal" label={texts.postal}>
        <input
          id="postal"
          name="postal"
          inputmode="numeric"
          pattern="[0-9]{1,5}"
          maxlength={5}
          value={query.postal ?? ''}
        />
      </Field>
      <DayField name="new_since" label={texts.newSince} value={query.new_since} />
      <DayField name="cut_since" label={texts.cutSince} value={query.cut_since} />
      <DayField name="as_of" label={texts.asOf} value={query.as_of} />
    </div>
  );
}

function NumberField({ name, label, value }: { name: string; label: string; value: number | null }) {
  return (
    <Field id={name} label={label}>
      <input id={name} name={name} type="number" min={0} step="any" inputmode="decimal" value={value ?? ''} />
    </Field>
  );
}

function DayField({ name, label, value }: { name: string; label: string; value: string | null }) {
  return (
    <Field id={name} label={label}>
      <input id={name} name={name} type="date" value={value ?? ''} />
    </Field>
  );
}

/** What several queries say of a listing in SQL, by the columns of `listings` and of its versions. */

/** Price of a sale, rent of a rental. */
export const amountEur = "(CASE deal_type WHEN 'rent' THEN rent_eur_month ELSE price_eur END)";

/** The same per square metre; as printed, else computed. */
export const amountPerM2Eur = `(CASE deal_type WHEN 'rent' THEN rent_eur_month / nullif(area_m2, 0)
  ELSE coalesce(price_per_m2_eur, price_eur / nullif(area_m2, 0)) END)`;

/** Of the city `$city`, in any case. */
export const isOfCity = 'lower(city) = lower($city)';

/** `$text` is part of what the listing says in words, in any case. */
export const hasText = "contains(lower(concat_ws(' ', address, district, title, description)), lower($text))";

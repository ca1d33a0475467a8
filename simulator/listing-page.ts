/**
 * The HTML page of one advertisement, 60 to 100 KB, in the structure the real site is known to have: metas, JSON-LD,
 * `otAsunnot`, details grid, label tables, gallery, contact block and a block of similar listings that are not this one.
 */
import { escapeHtml, NBSP, scriptJson } from './finnish-format.ts';
import { askingCents } from './home.ts';
import { sections } from './labels/label.ts';
import type { Listing, Row } from './listing.ts';
import { cityShown, pathOf, rowsOf, textOf, titleOf } from './listing.ts';
import type { PageShell } from './page-shell.ts';
import { buildingTypeIds, portalTime, priceText, sizeText } from './portal-format.ts';
import { createRandom, hashOf } from './random.ts';
import { contactPerson } from './texts.ts';

export interface ListingPageInput {
  readonly listing: Listing;
  /** Scheme and host the page is served from. */
  readonly origin: string;
  /** Other advertisements, shown as nearby ones. */
  readonly similar: readonly Listing[];
  readonly shell: PageShell;
}

/** The page as UTF-8 bytes. */
export function renderListingPage(input: ListingPageInput): Buffer {
  const { listing, shell } = input;
  return shell.page({
    title: titleOf(listing),
    head: headOf(input),
    body: bodyOf(input, rowsOf(listing)),
    dealType: listing.dealType,
  });
}

/** The page of an advertisement that is gone but still answers 200. */
export function renderGonePage(
  listing: Listing,
  shell: PageShell,
  words: 'Kohde on poistunut' | 'Kohde on myyty',
): Buffer {
  const body =
    `<section class="content content--full-width"><div class="listing-gone"><h1>${escapeHtml(words)}</h1>` +
    `<p>${escapeHtml(words)} eikä se ole enää nähtävillä.</p><a class="button" href="/myytavat-asunnot">Uusi haku</a></div></section>`;
  return shell.page({ title: titleOf(listing), head: '', body, dealType: listing.dealType });
}

function headOf({ listing, origin }: ListingPageInput): string {
  const { home } = listing;
  const address = `${home.street} ${home.houseNumber}`;
  const metas: readonly (readonly [string, string])[] = [
    ['og:title', titleOf(listing)],
    ['og:type', 'website'],
    ['og:url', `${origin}${pathOf(listing)}`],
    ['og:street-address', address],
    ['og:postal_code', home.district.postalCode],
    ['SAC:card_ID', listing.id],
    ['place:location:latitude', String(home.latitude)],
    ['place:location:longitude', String(home.longitude)],
    ['og:image', `${origin}/media/${listing.id}/1.jpg`],
  ];
  const tags = metas.map(([name, value]) => `<meta property="${name}" content="${escapeHtml(value)}"/>`).join('\n');
  const residence = {
    '@context': 'https://schema.org',
    '@type': 'Residence',
    address: { streetAddress: address, addressLocality: cityShown(home), postalCode: home.district.postalCode },
    geo: { '@type': 'GeoCoordinates', latitude: home.latitude, longitude: home.longitude },
    ...(home.saysRooms ? { numberOfRooms: home.rooms } : {}),
  };
  return (
    `\n<link rel="canonical" href="${origin}${pathOf(listing)}"/>\n${tags}\n` +
    `<script type="application/ld+json">${scriptJson(residence)}</script>\n` +
    `<script>var otAsunnot=${scriptJson(pageData(listing, origin, address))};window.page='card';</script>`
  );
}

function pageData(listing: Listing, origin: string, address: string) {
  const { home } = listing;
  return {
    cardId: Number(listing.id),
    address,
    analytics: {
      cardId: Number(listing.id),
      apartmentType: home.buildingType,
      apartmentTypeId: buildingTypeIds[home.buildingType],
      size: home.areaTenthsM2 / 10,
      price: askingCents(home) / 100,
      zipCode: home.district.postalCode,
      locationPath: `${listing.city.name}/${home.district.name}/${home.district.postalCode}`,
      apartmentBuildYear: home.yearBuilt,
      published: portalTime(listing.publishedAt),
    },
    images: Array.from({ length: 16 }, (_, index) => ({ url: `${origin}/media/${listing.id}/${index + 1}.jpg` })),
  };
}

function bodyOf(input: ListingPageInput, rows: readonly Row[]): string {
  const { listing } = input;
  const usesEntities = listing.seed % 4 === 0;
  const title = escapeHtml(titleOf(listing));
  return (
    `<div class="breadcrumbs">${breadcrumbs(listing)}</div><article class="listing"><h1 class="listing-header__headline">${title}</h1>` +
    gallery(listing) +
    detailsGrid(rows, usesEntities) +
    overview(listing) +
    `<div class="listing-details-container">${sections.map((section) => table(section, rows, usesEntities)).join('')}</div>` +
    contactBlock(listing) +
    `</article>${similarBlock(input)}`
  );
}

function breadcrumbs(listing: Listing): string {
  const parts = ['Oikotie', 'Asunnot', listing.city.name, listing.home.district.name];
  return parts
    .map((part) => `<span class="listing-breadcrumbs__item"><a class="link" href="/">${escapeHtml(part)}</a></span>`)
    .join('');
}

function gallery(listing: Listing): string {
  const slides = Array.from({ length: 6 + (listing.seed % 44) }, (_, index) => {
    const source = `/media/${listing.id}/${index + 1}.jpg`;
    const sizes = `${source}?w=320 320w, ${source}?w=640 640w, ${source}?w=1280 1280w`;
    return (
      `<li class="gallery__slide"><a class="gallery__link" href="${pathOf(listing)}/kuvat#${index}"><picture>` +
      `<source type="image/webp" data-srcset="${sizes}"/><img class="gallery__image" loading="lazy" data-src="${source}" alt="Kuva ${index + 1}"/>` +
      `</picture></a></li>`
    );
  });
  return `<div class="gallery"><ul class="gallery__slides">${slides.join('')}</ul></div>`;
}

const gridLabels = new Set([
  'Velaton hinta',
  'Vuokra',
  'Hoitovastike',
  'Asuinpinta-ala',
  'Huoneita',
  'Kerros',
  'Rakennusvuosi',
]);

function detailsGrid(rows: readonly Row[], usesEntities: boolean): string {
  const items = rows
    .filter((row) => gridLabels.has(row.label))
    .map(
      (row) =>
        `<div class="details-grid__item"><svg class="details-grid__icon"><use href="#icon-3"/></svg><div class="details-grid__item-text"><dl>` +
        `<dt class="details-grid__item-title">${escapeHtml(row.label)}</dt><dd class="details-grid__item-value">${valueHtml(row, usesEntities)}</dd></dl></div></div>`,
    );
  return `<div class="details-grid">${items.join('')}</div>`;
}

function overview(listing: Listing): string {
  const text = escapeHtml(textOf(listing).printed);
  return (
    `<div class="listing-overview"><div class="listing-description"><p class="paragraph paragraph--keep-formatting">${text}</p></div></div>` +
    `<ul class="public-viewings"><li class="public-viewings__item">Sovi oma esittelyaika</li></ul>`
  );
}

function table(section: string, rows: readonly Row[], usesEntities: boolean): string {
  const lines = rows
    .filter((row) => row.section === section)
    .map(
      (row) =>
        `\n\t\t<div class="info-table__row">\n\t\t\t<dt class="info-table__title">${escapeHtml(row.label)}</dt>` +
        `\n\t\t\t<dd class="info-table__value">\n\t\t\t\t${valueHtml(row, usesEntities)}\n\t\t\t</dd>\n\t\t</div>`,
    );
  return `<div class="listing-details"><h3 class="listing-details__heading">${escapeHtml(section)}</h3><dl class="info-table">${lines.join('')}</dl></div>`;
}

function valueHtml(row: Row, usesEntities: boolean): string {
  const { printed } = row;
  if (printed.html !== undefined) return printed.html;
  const text = escapeHtml(printed.text).replaceAll('\n', '<br/>');
  return usesEntities ? text.replaceAll(NBSP, '&nbsp;').replaceAll('m²', 'm&sup2;').replaceAll('€', '&euro;') : text;
}

function contactBlock(listing: Listing): string {
  const person = contactPerson(createRandom(hashOf(listing.seed, 'agent')));
  const [prefix = '', ...rest] = person.phone.split(' ');
  return (
    `<div class="listing-person"><div class="listing-person__details"><span class="listing-person__details-item listing-person__details-item--big">${person.name}</span>` +
    `<span class="listing-person__details-item listing-person__details-item--waisted">Kiinteistönvälittäjä, LKV</span>` +
    `<span class="listing-person__phone"><span>${prefix}</span><span> ${rest.join(' ')}</span></span></div>` +
    `<div class="listing-company"><div class="listing-company__name"><a href="/valittajat/1"><span>${escapeHtml(listing.home.brokerCompany)}</span></a></div></div></div>`
  );
}

function similarBlock({ listing, similar }: ListingPageInput): string {
  const cards = similar.map(
    (other) =>
      `<article class="similar-card"><a class="similar-card__link" href="${pathOf(other)}?src=similar"><img class="similar-card__image" loading="lazy" data-src="/media/${other.id}/1.jpg" alt=""/>` +
      `<div class="similar-card__content"><h4 class="similar-card__title">${escapeHtml(titleOf(other))}</h4><dl>` +
      `<dt class="details-grid__item-title">Hinta</dt><dd>${priceText(other.home)}</dd><dt class="details-grid__item-title">Koko</dt><dd>${sizeText(other.home)}</dd></dl></div></a></article>`,
  );
  const place = escapeHtml(listing.home.district.name);
  return `<section class="similar-listings"><h2>Samankaltaisia asuntoja lähialueilta</h2><p>${place}</p>${cards.join('')}</section>`;
}

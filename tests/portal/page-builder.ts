/**
 * Builds pages in the structure of the portal's listing pages, with invented content, for the tests and the benchmark
 * of the parser. Every part can be left out or replaced, so that each test shows only what it is about.
 */

export type LabelPair = readonly [label: string, value: string];

export interface PageParts {
  readonly listingId?: string;
  readonly dealType?: 'sale' | 'rent';
  readonly title?: string;
  /** Rows of the tables; the value is text, `\n` becomes `<br>`. */
  readonly labels?: readonly LabelPair[];
  /** Rows of the grid at the top. */
  readonly topFacts?: readonly LabelPair[];
  readonly description?: string;
  readonly brokerCompany?: string | null;
  readonly agentName?: string;
  /** HTML put into the head. */
  readonly head?: string;
  /** HTML put at the end of the body. */
  readonly extraBody?: string;
  /** Id the page names in its canonical link and script; the listing's own by default, null for none. */
  readonly namedId?: string | null;
  readonly published?: string;
  readonly coordinates?: readonly [latitude: string, longitude: string] | null;
}

const origin = 'https://asunnot.oikotie.fi';

/** Labels of an invented flat for sale whose numbers agree with each other. */
export const saleLabels: readonly LabelPair[] = [
  ['Kaupunginosa', 'Kuusikko'],
  ['Kaupunki', 'Helsinki'],
  ['Sijainti', 'Havupolku\n7 B 12,\n00999\nHelsinki'],
  ['Kohdenumero', '70011223'],
  ['Asuinpinta-ala', '50 m²'],
  ['Huoneita', '2'],
  ['Kerros', '3 / 5'],
  ['Rakennuksen tyyppi', 'Kerrostalo'],
  ['Rakennusvuosi', '1974'],
  ['Velaton hinta', '200 000 €'],
  ['Myyntihinta', '180 000 €'],
  ['Velkaosuus', '20 000 €'],
  ['Neliöhinta', '4 000 € / m²'],
  ['Hoitovastike', '250,50 € / kk'],
];

/** Labels of an invented flat for rent. */
export const rentLabels: readonly LabelPair[] = [
  ['Kaupunki', 'Helsinki'],
  ['Sijainti', 'Havupolku\n7 B 12,\n00999\nHelsinki'],
  ['Asuinpinta-ala', '33 m²'],
  ['Huoneita', '1'],
  ['Vuokra', '656,67 € / kk'],
];

/** The labels with some replaced or added, in place. */
export function withLabels(
  labels: readonly LabelPair[],
  changes: Readonly<Record<string, string>>,
): readonly LabelPair[] {
  const names = new Set(labels.map(([label]) => label));
  const replaced = labels.map(([label, value]): LabelPair => [label, changes[label] ?? value]);
  return [...replaced, ...Object.entries(changes).filter(([label]) => !names.has(label))];
}

/** The labels without some of them. */
export function withoutLabels(labels: readonly LabelPair[], ...names: readonly string[]): readonly LabelPair[] {
  return labels.filter(([label]) => !names.includes(label));
}

/** URL of the page that `listingPage` builds from the same parts. */
export function pageUrl({ listingId = '71000001', dealType = 'sale' }: PageParts = {}): string {
  return `${origin}/${dealType === 'rent' ? 'vuokra-asunnot' : 'myytavat-asunnot'}/helsinki/${listingId}`;
}

/** A whole listing page. */
export function listingPage(parts: PageParts = {}): string {
  const { title = 'Havupolku 7 B 12, Kuusikko, Helsinki', dealType = 'sale' } = parts;
  const labels = parts.labels ?? (dealType === 'rent' ? rentLabels : saleLabels);
  return (
    `<!doctype html>\n<html lang="fi"><head><meta charset="utf-8"/><title>${escapeHtml(title)}</title>${headOf(parts)}</head>\n` +
    `<body class="fixed-top-banner"><a href="https://trap.invalid/x" rel="nofollow" style="display: none" aria-hidden="true">Most visited</a>\n` +
    `<main class="layout"><div class="breadcrumbs"><span class="listing-breadcrumbs__item"><a href="/">Oikotie</a></span></div>` +
    `<div class="details-grid">${(parts.topFacts ?? []).map(topFact).join('')}</div>` +
    `<div class="listing-overview"><p class="paragraph paragraph--keep-formatting">${escapeHtml(parts.description ?? 'Valoisa koti.')}</p></div>` +
    `<div class="listing-details-container">${tablesOf(labels)}</div>${brokerOf(parts)}</main>${parts.extraBody ?? ''}</body></html>\n`
  );
}

/** Text safe between tags; NBSP as the portal writes it. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function headOf(parts: PageParts): string {
  const { listingId = '71000001', namedId = listingId, published = '2026-07-31 11:23:45' } = parts;
  const coordinates = parts.coordinates === undefined ? (['60.25', '24.95'] as const) : parts.coordinates;
  const place =
    coordinates === null
      ? ''
      : `<meta property="place:location:latitude" content="${coordinates[0]}"/><meta property="place:location:longitude" content="${coordinates[1]}"/>`;
  const data = { cardId: Number(namedId), analytics: { cardId: Number(namedId), published } };
  const names =
    namedId === null
      ? ''
      : `<link rel="canonical" href="${pageUrl({ ...parts, listingId: namedId })}"/>` +
        `<script>var otAsunnot=${JSON.stringify(data)};window.page='card';</script>`;
  return `${place}${names}${parts.head ?? ''}`;
}

function topFact([label, value]: LabelPair): string {
  return (
    `<div class="details-grid__item"><div class="details-grid__item-text"><dl><dt class="details-grid__item-title">${escapeHtml(label)}</dt>` +
    `<dd class="details-grid__item-value">${valueHtml(value)}</dd></dl></div></div>`
  );
}

function tablesOf(labels: readonly LabelPair[]): string {
  const rows = labels.map(
    ([label, value]) =>
      `\n\t<div class="info-table__row">\n\t\t<dt class="info-table__title">${escapeHtml(label)}</dt>` +
      `\n\t\t<dd class="info-table__value">\n\t\t\t${valueHtml(value)}\n\t\t</dd>\n\t</div>`,
  );
  return `<div class="listing-details"><h3>Perustiedot</h3><dl class="info-table">${rows.join('')}</dl></div>`;
}

function valueHtml(value: string): string {
  return escapeHtml(value).replaceAll('\n', '<br/>');
}

function brokerOf({ brokerCompany = 'Kotikuusi LKV Oy', agentName = 'Aino Kaislanen' }: PageParts): string {
  const company =
    brokerCompany === null
      ? ''
      : `<div class="listing-company"><div class="listing-company__name"><a href="/valittajat/1"><span>${escapeHtml(brokerCompany)}</span></a></div></div>`;
  return (
    `<div class="listing-person"><span class="listing-person__details-item listing-person__details-item--big">${escapeHtml(agentName)}</span>` +
    `<span>040</span><span> 765 4321</span></div>${company}`
  );
}

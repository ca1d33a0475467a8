/**
 * The knobs of the series: when a listing is taken for gone, and who else is told of runs. Data only.
 */
import type { Kind } from './kinds.ts';
import { nullable, numberKind, textKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

/** As a URL that something can be sent to; it may hold a password. */
const httpUrl: Kind<string> = {
  ...textKind('an http or https URL'),
  accepts: (value): value is string =>
    typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value),
};

export const delisting = {
  complete_runs: knob(2, {
    doc: 'Complete runs of its city in a row that a listing must be missing from before it is marked gone.',
    unit: 'runs',
    env: 'SCRAPER_DELISTING_COMPLETE_RUNS',
    kind: wholeNumberKind('a whole number from 1 to 100', { min: 1, max: 100 }),
  }),
  max_drop_share: knob(0.2, {
    doc: 'Largest share of the listings of a city that one run marks gone; when it would be more, none is, until `oikotie run --accept-drop`.',
    unit: '0 to 1',
    env: 'SCRAPER_DELISTING_MAX_DROP_SHARE',
    kind: numberKind('a number from 0 to 1', { min: 0, max: 1 }),
  }),
};

export const lineage = {
  openlineage_file: knob(null, {
    doc: 'File that OpenLineage run events are appended to, a JSON object a line; null writes none.',
    unit: 'path',
    env: 'SCRAPER_OPENLINEAGE_FILE',
    kind: nullable(textKind('a path', /\S/)),
  }),
  openlineage_url: knob(null, {
    doc: 'URL that OpenLineage run events are posted to; null posts none.',
    unit: 'URL',
    env: 'SCRAPER_OPENLINEAGE_URL',
    kind: nullable(httpUrl),
    sensitive: true,
  }),
};

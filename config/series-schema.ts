/**
 * The knobs of the series: when a listing is taken for gone. Data only.
 */
import { numberKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

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

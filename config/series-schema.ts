/**
 * The knobs of the series: when a listing is taken for gone, and when two are one home. Data only.
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

export const relisting = {
  max_gap_days: knob(180, {
    doc: 'Most days between a listing that is gone and one that may be the same home under a new id.',
    unit: 'days',
    env: 'SCRAPER_RELISTING_MAX_GAP_DAYS',
    kind: wholeNumberKind('a whole number from 0 to 3650', { min: 0, max: 3650 }),
  }),
  min_score: knob(0.85, {
    doc: 'How much two listings must be alike (address, area, rooms, floor, coordinates) to be linked as one home.',
    unit: '0 to 1',
    env: 'SCRAPER_RELISTING_MIN_SCORE',
    kind: numberKind('a number above 0 and at most 1', { min: Number.MIN_VALUE, max: 1 }),
  }),
};

/**
 * The knobs under `validation`: how much each step of `oikotie validate` collects, and what it must show to pass. Data only.
 */
import { numberKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

const shareKind = numberKind('a number from 0 to 1', { min: 0, max: 1 });

export const validation = {
  step_1_listings: knob(15, {
    doc: 'Listings of each city that step 1 of `oikotie validate` collects at most.',
    unit: 'listings',
    env: 'SCRAPER_VALIDATION_STEP_1_LISTINGS',
    kind: wholeNumberKind('a whole number from 10 to 20', { min: 10, max: 20 }),
  }),
  step_2_listings: knob(200, {
    doc: 'Listings of each city that step 2 collects at most; step 3 collects all that a run would.',
    unit: 'listings',
    env: 'SCRAPER_VALIDATION_STEP_2_LISTINGS',
    kind: wholeNumberKind('a whole number from 100 to 500', { min: 100, max: 500 }),
  }),
  min_parsed_share: knob(0.9, {
    doc: 'Share of the listings tried whose page must have been read and stored; those that the portal has removed do not count.',
    unit: '0 to 1',
    env: 'SCRAPER_VALIDATION_MIN_PARSED_SHARE',
    kind: shareKind,
  }),
  min_field_coverage: knob(0.6, {
    doc: 'Share of the pages that must have a core field (address, area, price or rent, …), for each of them.',
    unit: '0 to 1',
    env: 'SCRAPER_VALIDATION_MIN_FIELD_COVERAGE',
    kind: shareKind,
  }),
  min_identity_share: knob(0.9, {
    doc: 'Share of the records whose identities must hold (price per m2 = debt-free price / area, and the like).',
    unit: '0 to 1',
    env: 'SCRAPER_VALIDATION_MIN_IDENTITY_SHARE',
    kind: shareKind,
  }),
  max_age_hours: knob(24, {
    doc: 'How long a passed step allows the next one.',
    unit: 'h',
    env: 'SCRAPER_VALIDATION_MAX_AGE_HOURS',
    kind: numberKind('a number above 0', { min: Number.MIN_VALUE }),
  }),
};

/**
 * The knobs about how far a run is believed: when its list is read again, and when its pages or their number have changed
 * so much that its changes are put into quarantine.
 */
import { numberKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

const shareKind = numberKind('a number from 0 to 1', { min: 0, max: 1 });

export const quality = {
  reread_passes: knob(2, {
    doc: "Readings of a city's search pages after the first one at most, while fewer listings were seen than the portal counts; 0 reads none again.",
    unit: 'readings',
    env: 'SCRAPER_REREAD_PASSES',
    kind: wholeNumberKind('a whole number from 0 to 10', { min: 0, max: 10 }),
  }),
  history_runs: knob(14, {
    doc: 'Complete runs of a city that a run is compared with, the last ones.',
    unit: 'runs',
    env: 'SCRAPER_QUALITY_HISTORY_RUNS',
    kind: wholeNumberKind('a whole number from 3 to 365', { min: 3, max: 365 }),
  }),
  min_history_runs: knob(3, {
    doc: 'Complete runs below which nothing is judged.',
    unit: 'runs',
    env: 'SCRAPER_QUALITY_MIN_HISTORY_RUNS',
    kind: wholeNumberKind('a whole number from 1 to 365', { min: 1, max: 365 }),
  }),
  min_pages: knob(30, {
    doc: 'Listing pages fetched, or listings listed, below which a run is neither judged nor compared with.',
    unit: 'pages',
    env: 'SCRAPER_QUALITY_MIN_PAGES',
    kind: wholeNumberKind('a whole number of 1 or more', { min: 1 }),
  }),
  min_usual_share: knob(0.5, {
    doc: 'Share of pages that usually have a field, below which its fall is shown and quarantines nothing: rare fields depend on which homes are on offer.',
    unit: '0 to 1',
    env: 'SCRAPER_QUALITY_MIN_USUAL_SHARE',
    kind: shareKind,
  }),
  max_coverage_drop: knob(0.5, {
    doc: "Part of a field's usual share that may be missing; more, beyond chance, quarantines the run's changes.",
    unit: '0 to 1',
    env: 'SCRAPER_QUALITY_MAX_COVERAGE_DROP',
    kind: shareKind,
  }),
  max_volume_drop: knob(0.4, {
    doc: "Part of the usual number of listings that may be missing from a whole list; more, beyond chance, quarantines the run's changes.",
    unit: '0 to 1',
    env: 'SCRAPER_QUALITY_MAX_VOLUME_DROP',
    kind: shareKind,
  }),
};

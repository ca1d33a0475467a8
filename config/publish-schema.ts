/**
 * The knobs under `publish`: what others may read while a run holds the database, and what a run leaves for them.
 */
import { booleanKind, numberKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

export const publish = {
  snapshots: knob(true, {
    doc: 'Publish a read-only copy of the database, `published/<its name>` beside it, after each city and at the end of a run.',
    env: 'SCRAPER_PUBLISH_SNAPSHOTS',
    kind: booleanKind,
  }),
  interval_seconds: knob(60, {
    doc: 'Smallest time between two copies while a run goes on; one that takes long is made less often still.',
    unit: 's',
    env: 'SCRAPER_PUBLISH_INTERVAL',
    kind: numberKind('a number of 0 or more', { min: 0 }),
  }),
  datasets: knob(true, {
    doc: 'Write a dataset (Parquet, CSV, dictionary, manifest) below output_directory when a run has ended.',
    env: 'SCRAPER_PUBLISH_DATASETS',
    kind: booleanKind,
  }),
  keep_datasets: knob(7, {
    doc: 'Datasets that are kept, newest first; one that holds a file named KEEP is never deleted.',
    unit: 'datasets',
    env: 'SCRAPER_PUBLISH_KEEP_DATASETS',
    kind: wholeNumberKind('a whole number of 1 or more', { min: 1 }),
  }),
};

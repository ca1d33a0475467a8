/**
 * The table of what `oikotie validate` has shown.
 */
import type { TableSpec } from './table-spec.ts';
import { count, flag, json, share, text, utc } from './table-spec.ts';

export const validationsTable: TableSpec = {
  name: 'validations',
  meaning:
    'What each step of `oikotie validate` has shown of a city, and a row for the portal as a whole. Its pages are kept apart and are no part of the series; its requests count against the daily budgets',
  primaryKey: [],
  columns: [
    text('validation_id', 'Validation: one call of `oikotie validate`', 'program'),
    count('step', '1, 2 or 3', 'operator'),
    text('city', 'City of the task; null for the portal as a whole', 'configuration'),
    flag('is_passed', 'It has passed: there are no reasons', 'program'),
    flag('is_forced', 'The step before had not passed, and an operator went on', 'operator'),
    utc('started_at', 'When it began', 'clock'),
    utc('finished_at', 'When it ended', 'clock'),
    count('tried', 'Listings whose page was asked for and is there', 'counted'),
    count('stored', 'Those of them that were read and stored', 'counted'),
    share('parsed_share', '`stored` of `tried`; null when none was tried', 'counted'),
    json('coverage_json', 'Core fields: dealType, field, pages, present', 'counted'),
    share('identity_share', 'Share of the records whose identities hold; null without records', 'counted'),
    count('requests', 'Requests; for the portal as a whole those that were for no city alone', 'counted'),
    utc('last_request_at', 'When the last one of them left; null without any', 'clock'),
    count('worst_window', 'Most requests within the time of one; more than 1 is above the limit', 'counted'),
    json('reasons_json', 'What was not good enough, in sentences', 'program'),
  ],
};

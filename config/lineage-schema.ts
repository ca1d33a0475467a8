/**
 * The knobs of the lineage: who else is told of runs. Data only.
 */
import { httpUrlKind, nullable, textKind } from './kinds.ts';
import { knob } from './knob.ts';

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
    kind: nullable(httpUrlKind),
    sensitive: true,
  }),
};

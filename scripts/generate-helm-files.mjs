// Writes deploy/helm/oikotie/values.schema.json from values.yaml: the type of each default, its comment as the description. Names
// that are not in values.yaml are refused, except below what is the user's own (`open`). A chart has no file from outside its
// folder, so the alert rules are copied into it as well.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMap, isSeq, parseDocument } from 'yaml';

const chart = new URL('../deploy/helm/oikotie/', import.meta.url);
/** Whose keys are the user's. */
const open = new Set([
  'config',
  'nodeSelector',
  'podAnnotations',
  'resources',
  'requests',
  'limits',
  'annotations',
  'labels',
  'monitoringNamespace',
  'ingressNamespace',
]);

function describe(comment) {
  const text = (comment ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
  return text === '' ? {} : { description: text };
}

function schemaOf(node, name, comment) {
  const about = describe(comment);
  if (isMap(node)) {
    if (open.has(name)) return { ...about, type: 'object' };
    const properties = {};
    node.items.forEach((pair, index) => {
      const key = String(pair.key.value);
      // The comment of a map's first key hangs on the map itself.
      const above = pair.key.commentBefore ?? (index === 0 ? node.commentBefore : null);
      properties[key] = schemaOf(pair.value, key, above);
    });
    return { ...about, type: 'object', additionalProperties: false, properties };
  }
  if (isSeq(node)) return { ...about, type: 'array' };
  const { value } = node;
  if (typeof value === 'number') return { ...about, type: 'integer', minimum: 0 };
  return { ...about, type: typeof value };
}

/** The rules of Prometheus as the chart has them. */
export function renderChartRules() {
  const rules = readFileSync(new URL('../deploy/prometheus/rules.yml', import.meta.url), 'utf8');
  return `# Copied from deploy/prometheus/rules.yml by \`npm run docs\`: change it there.\n${rules}`;
}

export function renderHelmSchema() {
  const document = parseDocument(readFileSync(new URL('values.yaml', chart), 'utf8'));
  const schema = schemaOf(document.contents, '', null);
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('values.schema.json', chart), renderHelmSchema());
  mkdirSync(new URL('files/', chart), { recursive: true });
  writeFileSync(new URL('files/rules.yml', chart), renderChartRules());
}

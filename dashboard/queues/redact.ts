/**
 * What is shown of a job's payload and result: which run, city, page and listing it is about, and numbers. Everything else is
 * cut to its length: a payload holds what a portal wrote, and this page is for looking at jobs, not at people.
 */

/** Texts that are shown as they are. */
const shownTexts: ReadonlySet<string> = new Set([
  ...['executionId', 'nominalDay', 'city', 'listingId', 'kind', 'queue', 'id', 'url', 'searchUrl', 'requestUrl'],
  ...['action', 'dealType', 'fetchMode', 'fetchedAtUtc', 'sentAtUtc', 'code', 'category', 'verdict', 'status'],
  ...['parser', 'nodeId', 'batchId', 'severity', 'type', 'responseSha256'],
]);
/** Elements of a list that are shown. */
const mostElements = 20;
const mostDepth = 6;

export function redact(value: unknown): unknown {
  return redactAt(value, '', 0);
}

function redactAt(value: unknown, key: string, depth: number): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return shownTexts.has(key) ? value : `… (${value.length} characters)`;
  if (typeof value !== 'object' || depth >= mostDepth) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, mostElements).map((each: unknown) => redactAt(each, key, depth + 1));
    return value.length > mostElements ? [...shown, `… (${value.length - mostElements} more)`] : shown;
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redactAt(each, name, depth + 1)]));
}

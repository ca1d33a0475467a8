// Holds what is stored against the truth of the simulator, field by field, and prints the sums as one line of JSON. It runs
// inside the container of the store: `node --input-type=module - < compare-with-truth.mjs`. It exits 1 when anything
// differs, is missing, or is there twice.
import { execFileSync } from 'node:child_process';
import { columnOf, listingFieldNames, listingFields } from '/app/dist/src/listings/fields.js';

const cities = [
  ['Helsinki', 'sale'],
  ['Espoo', 'sale'],
  ['Vantaa', 'rent'],
];
const formats = { timestamp: '%Y-%m-%dT%H:%M:%S.%gZ', date: '%Y-%m-%d' };

function query(sql) {
  const args = ['sql', sql, '--json', '--config', '/etc/oikotie/config.json'];
  return JSON.parse(
    execFileSync('oikotie', args, { encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}

/** A column as the truth has it: times as ISO texts. */
function selected(name) {
  const column = columnOf(name);
  const format = formats[listingFields[name].type];
  return `${format === undefined ? column : `strftime(${column}, '${format}')`} as "${name}"`;
}

async function readTruth() {
  const lists = cities.map(async ([city, deal]) => {
    const response = await fetch(`http://simulator:8080/__control/truth?city=${city}&deal=${deal}`);
    return response.json();
  });
  return (await Promise.all(lists)).flat();
}

function inOrder(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** One form for both sides: JSON in a text column and JSON in the truth say the same. */
function normal(name, value) {
  const isJson = typeof value === 'string' && name.endsWith('Json');
  return JSON.stringify(inOrder(isJson ? JSON.parse(value) : (value ?? null)));
}

const truth = await readTruth();
const rows = query(`select ${listingFieldNames.map(selected).join(', ')} from listings`);
const stored = new Map(rows.map((row) => [String(row.listingId), row]));
const differences = truth.flatMap((expected) => {
  const row = stored.get(expected.listingId);
  if (row === undefined) return [`${expected.listingId} is missing`];
  return listingFieldNames
    .filter((name) => normal(name, row[name]) !== normal(name, expected[name]))
    .map((name) => `${expected.listingId} ${name}: ${normal(name, row[name])}, truth ${normal(name, expected[name])}`);
});
const [books] = query(`select count(*) as entries, count(distinct (city, listing_id)) as listings,
  count(distinct execution_id) as executions from execution_listings`);
const receipts = query(`select city, verdict from city_executions order by city`);
const isWhole =
  differences.length === 0 &&
  rows.length === truth.length &&
  stored.size === truth.length &&
  Number(books.entries) === truth.length &&
  Number(books.listings) === truth.length &&
  Number(books.executions) === 1 &&
  receipts.length === cities.length &&
  receipts.every(({ verdict }) => verdict === 'complete');
for (const difference of differences.slice(0, 5)) console.error(difference);
console.log(
  JSON.stringify({ truth: truth.length, stored: rows.length, ...books, differences: differences.length, receipts }),
);
process.exitCode = isWhole ? 0 : 1;

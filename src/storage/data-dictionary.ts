/**
 * The data dictionary: every table and column of the database as a page of Markdown. It is made from the same tables
 * that the store writes by, never from a database.
 */
import type { ColumnSpec, TableSpec } from './table-spec.ts';
import { tables } from './tables.ts';

const introduction = `# Data dictionary

Made from the code by \`npm run docs\`; do not edit. All times are UTC (type TIMESTAMP, without a zone). A value is null
when the page does not say it, or says it in a way that cannot be read (then \`issues_json\` says so). Money is in euros.
`;

/** The page, in Markdown, ending in a line break. */
export function renderDataDictionary(): string {
  return renderTables(introduction, tables);
}

/** A page with an introduction, ending in a line break, and the tables after it. */
export function renderTables(begin: string, specs: readonly TableSpec[]): string {
  return [begin, ...specs.map(renderTable)].join('\n');
}

function renderTable({ name, meaning, primaryKey, columns, isView }: TableSpec): string {
  const keyed = primaryKey.length === 0 ? 'No key.' : `Key: ${primaryKey.map((column) => `\`${column}\``).join(', ')}.`;
  const key = isView === true ? 'A view.' : keyed;
  const lines = [
    '| column | type | unit | meaning | source |',
    '| --- | --- | --- | --- | --- |',
    ...columns.map(renderRow),
  ];
  return `## ${name}\n\n${meaning}. ${key}\n\n${lines.join('\n')}\n`;
}

function renderRow({ name, type, unit, meaning, source }: ColumnSpec): string {
  return `| \`${name}\` | ${type} | ${unit ?? ''} | ${escaped(meaning)} | ${escaped(source)} |`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderDataDictionary } from '../../src/storage/data-dictionary.ts';
import { tables } from '../../src/storage/tables.ts';

it('docs/data-dictionary.md is what the tables say (else: npm run docs)', () => {
  expect(readFileSync('docs/data-dictionary.md', 'utf8')).toBe(renderDataDictionary());
});

it('has a row for every column of every table', () => {
  const rows = renderDataDictionary().match(/^\| `/gm);

  expect(rows).toHaveLength(tables.flatMap(({ columns }) => columns).length);
});

/**
 * The generated page of configuration: it is the committed one, and it names every knob.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { flattenKnobs } from '../../config/knob.ts';
import { loadConfig } from '../../config/load-config.ts';
import { renderConfigTable } from '../../config/render-docs.ts';
import { settingsSchema } from '../../config/schema.ts';
import { createConfigFolder } from './config-file.ts';

it('docs/configuration.md is what the schema says (else: npm run docs)', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(renderConfigTable());
});

it('every global setting has an environment variable of its own', () => {
  const names = flattenKnobs(settingsSchema).map(({ knob }) => knob.env);

  expect(names).not.toContain(null);
  expect(new Set(names).size).toBe(names.length);
});

it('the example on the page loads', () => {
  const folder = createConfigFolder();
  const example = /```json\n([\s\S]*?)```/.exec(renderConfigTable())?.[1];

  folder.write(example);

  expect(loadConfig({ path: folder.path, environment: {} }).config.tasks).toHaveLength(1);
  folder.remove();
});

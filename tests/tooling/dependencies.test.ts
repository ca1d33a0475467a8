/**
 * docs/dependencies.md and package.json name the same packages, each with a reason, each pinned.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = manifestSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));
const [production = '', development = ''] = readFileSync('docs/dependencies.md', 'utf8').split('## For development');

/** Package names of a table, those without a reason left out. */
function packagesIn(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \| \S.* \|$/gm)].map((match) => match[1] ?? '');
}

it('the page gives a reason for each package, in the order of package.json', () => {
  expect(packagesIn(production)).toEqual(Object.keys(manifest.dependencies));
  expect(packagesIn(development)).toEqual(Object.keys(manifest.devDependencies));
});

it('every version is pinned', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });

  expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

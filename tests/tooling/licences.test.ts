/** The licences of everything that is shipped, read from the installed packages themselves. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Licences that let MIT software ship with them, without conditions on its own sources. */
const accepted = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0'],
  ...['Unlicense', 'Python-2.0', '(MIT OR CC0-1.0)', '(MIT AND Zlib)', '(BSD-2-Clause OR MIT OR Apache-2.0)'],
  ...['(MIT OR Apache-2.0)', 'CC-BY-4.0', '(BSD-3-Clause OR GPL-2.0)', 'MPL-2.0'],
]);

/** What their manifests do not say: looked up in the packages by hand. */
const lookedUp = new Map([
  ['map-stream: none', 'its LICENCE is that of MIT'],
  ['pause-stream: MIT,Apache2', 'either, as its LICENSE says'],
]);

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly license?: string;
}

it('are all of a kind that may be shipped with MIT software', () => {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const licences = shipped.map(([path, { license, optional }]) => {
    // What is optional may be for another system, and then not here.
    const said = license ?? (optional === true ? 'MIT' : licenceOf(path));
    return `${path.replace(/^.*node_modules\//, '')}: ${said}`;
  });
  expect(licences.length).toBeGreaterThan(50);
  expect(licences.filter((line) => !lookedUp.has(line) && !accepted.has(line.replace(/^[^ ]+ /, '')))).toEqual([]);
});

function licenceOf(path: string): string {
  const manifest: { license?: string | { type: string }; licenses?: readonly { type: string }[] } = JSON.parse(
    readFileSync(`${path}/package.json`, 'utf8'),
  );
  const { license, licenses } = manifest;
  return typeof license === 'string' ? license : (license?.type ?? licenses?.[0]?.type ?? 'none');
}

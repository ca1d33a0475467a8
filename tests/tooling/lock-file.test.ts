/**
 * The lock file names the packages of every platform, not only those of the machine that wrote it: `npm ci` refuses a
 * lock file with a gap, and a registry mirror without some of them leaves gaps.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

it('locks each optional package, whatever platform it is for', () => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const optional = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
  const paths = Object.keys(packages).filter((path) => packages[path]?.version !== undefined);

  const missing = optional.filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));

  expect(optional.length).toBeGreaterThan(0);
  expect(missing).toEqual([]);
});

it('holds each package that is shipped to its hash, and none to a place outside the registry', () => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const locked = Object.entries(packages).filter(([path]) => path !== '');

  const loose = locked.filter(
    // Without `resolved` it comes from whichever registry is configured. Those for building on other platforms have no hash.
    ([, { resolved, dev = false, integrity = '' }]) =>
      resolved !== undefined || !(dev || integrity.startsWith('sha512-')),
  );

  expect(locked.length).toBeGreaterThan(100);
  expect(loose.map(([path]) => path)).toEqual([]);
});

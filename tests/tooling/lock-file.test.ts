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
    z.object({ version: z.string().optional(), optionalDependencies: z.record(z.string(), z.string()).optional() }),
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

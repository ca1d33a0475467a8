/** Steps of a validation against the simulator: what passes, what does not and why, and that the series is left alone. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { validate } from '../../cli/validate.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../src/clock.ts';
import { nominalDayOf, systemClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import type { Rig } from '../workers/run-against-simulator.ts';
import { createRig } from '../workers/run-against-simulator.ts';
import { queryRows } from '../workers/stored-records.ts';
import { terminal } from './terminal-texts.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const each of rigs.splice(0)) await each.close();
});

async function rigOf(options: PortalConfigOptions = {}): Promise<Rig> {
  const rig = await createRig({ helsinki: 40, ...options });
  rigs.push(rig);
  return rig;
}

interface Choices {
  readonly step?: 1 | 2 | 3;
  readonly cities?: readonly string[];
  readonly isForced?: boolean;
  readonly json?: boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

async function validateWith(config: Config, choices: Choices = {}) {
  const { step = 1, cities = null, isForced = false, json = false, clock = systemClock } = choices;
  const { io, texts } = terminal({ signal: choices.signal });
  const exitCode = await validate({ config, step, cities, isForced, json, clock }, io);
  return { exitCode, ...texts };
}

/** Rows of each table but those that a validation writes to. */
async function rowCounts(path: string): Promise<Readonly<Record<string, unknown>>> {
  const written = ['validations', 'audit_log', 'audit_chain_head'];
  const names = (await queryRows(path, 'select table_name as name from duckdb_tables() where not temporary'))
    .map(({ name }) => String(name))
    .filter((name) => !written.includes(name));
  const [counts] = await queryRows(path, `select ${names.map((name) => `(select count(*) from ${name}) as ${name}`)}`);
  return counts ?? {};
}

const rowsOfStep = (config: Config) =>
  queryRows(config.databasePath, 'select step, city, is_passed, is_forced, requests from validations order by all');

it('passes a healthy portal with a few listings of each city, says so in 80 columns, and leaves nothing behind', async () => {
  const { config, simulator } = await rigOf({ espoo: 12 });

  const { exitCode, stdout, stderr } = await validateWith(config);

  expect(stderr).toContain('recorded: validation step 1 of Helsinki, Espoo: passed');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/Validation step 1: passed\n\nHelsinki: passed\n {2}read {8}15 of 15 listings: 100%/);
  expect(stdout).toContain('Espoo: passed\n  read        12 of 12 listings: 100%');
  expect(stdout).toContain('Next:\n  oikotie validate --step 2\n');
  const report = stdout.slice(stdout.indexOf('Validation'));
  expect(Math.max(...report.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const pages = simulator.requestLog.entries().filter(({ kind }) => kind === 'listing');
  expect(pages).toHaveLength(27);
  expect(existsSync(join(dirname(config.databasePath), 'validation', 'series.duckdb'))).toBe(false);
  const asked = (await rowsOfStep(config)).reduce((sum, { requests }) => sum + Number(requests), 0);
  expect(asked).toBe(simulator.requestLog.entries().length);
});

it('does not pass when a label was renamed, and names the field', async () => {
  const { config, simulator } = await rigOf();
  simulator.faults.add({ type: 'renamed_label', label: 'Rakennusvuosi' });

  const { exitCode, stdout } = await validateWith(config, { json: true });

  expect(exitCode).toBe(1);
  const [city] = JSON.parse(stdout).cities;
  expect(city.reasons).toEqual(['year_built is on 0 of 15 pages of sales (0%); expected 60% or more']);
  const kept = await queryRows(config.databasePath, 'select reasons_json from validations where city is not null');
  expect(kept).toEqual([{ reasons_json: city.reasons }]);
});

it('does not pass when a price that identities are made of was renamed, though another price stands in for it', async () => {
  const { config, simulator } = await rigOf();
  simulator.faults.add({ type: 'renamed_label', label: 'Velaton hinta' });

  const { exitCode, stdout } = await validateWith(config);

  expect(exitCode).toBe(1);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('have price_per_m2_eur without debt_free_price_eur or area_m2');
});

it('does not pass when too many listings cannot be read', async () => {
  const { config, simulator } = await rigOf();
  simulator.faults.add({ type: 'malformed', kinds: ['listing'], everyNth: 3 });

  const { exitCode, stdout } = await validateWith(config);

  expect(exitCode).toBe(1);
  expect(stdout).toContain('10 of 15 listings could be read (66.6%); expected 90% or more');
  expect(stdout).toContain('oikotie sql "from failed_listings" --database');
});

it('leaves every table of the series as it was, and counts against the budget of the day', async () => {
  const { config, run, simulator } = await rigOf();
  await run({ listingLimit: 3 });
  const before = await rowCounts(config.databasePath);
  const alreadyAsked = simulator.requestLog.entries().length;

  await validateWith(config);

  expect(await rowCounts(config.databasePath)).toEqual(before);
  const all = simulator.requestLog.entries().length;
  expect(all).toBeGreaterThan(alreadyAsked + 15);
  const database = await openDatabase({ path: config.databasePath, mode: 'read', ...config.database });
  const store = createSeriesStore({ database, clock: systemClock });
  expect((await store.requestsOfDay(nominalDayOf(systemClock.now()))).requests).toBe(all);
  await database.close();
  const audited = await queryRows(config.databasePath, "select type from audit_log where message like 'validation%'");
  expect(audited).toEqual([{ type: 'OPERATOR_ACTION' }]);
});

it('asks no more than the day has left, whoever has spent the rest', async () => {
  const { config, run, simulator } = await rigOf();
  await run({ listingLimit: 3 });
  const spent = simulator.requestLog.entries().length;
  const tight = { ...config, politeness: { ...config.politeness, dailyRequestBudget: spent + 8 } };

  const { exitCode, stdout } = await validateWith(tight, { json: true });

  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout).cities[0].reasons.join()).toContain('daily request budget');
  expect(simulator.requestLog.entries().length).toBeLessThanOrEqual(spent + 8);
});

it('refuses a step until the one before has passed for the same cities, and goes on by force, which it records', async () => {
  const { config, simulator } = await rigOf({ espoo: 10 });

  const refused = await validateWith(config, { step: 2 });

  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('"oikotie validate --step 1" first');
  expect(refused.stderr).toContain('Helsinki: step 1 has never ended');
  expect(simulator.requestLog.entries()).toEqual([]);

  await validateWith(config, { cities: ['Helsinki'] });
  const half = await validateWith(config, { step: 2 });
  expect(half.exitCode).toBe(2);
  expect(half.stderr).not.toContain('Helsinki:');
  expect(half.stderr).toContain('Espoo: step 1 has never ended');

  const forced = await validateWith(config, { step: 2, isForced: true });
  expect(forced.exitCode).toBe(0);
  expect(forced.stdout).toContain('Validation step 2, forced: passed');
  const events = await queryRows(
    config.databasePath,
    "select message from audit_log where type = 'OPERATOR_ACTION' and message like '%forced%'",
  );
  expect(events).toEqual([{ message: 'validation step 2 was forced: Espoo: step 1 has never ended' }]);
  const file = readFileSync(join(config.logsDirectory ?? '', `audit_${nominalDayOf(systemClock.now())}.log`), 'utf8');
  expect(file).toContain('validation step 2 was forced');
  expect(await rowsOfStep(config)).toContainEqual(
    expect.objectContaining({ step: 2, city: 'Helsinki', is_passed: true, is_forced: true }),
  );
});

it('refuses a step whose step before has passed too long ago', async () => {
  const { config } = await rigOf();
  await validateWith(config);
  const later = { ...systemClock, now: () => systemClock.now() + config.validation.maxAgeMs + 60_000 };

  const { exitCode, stderr } = await validateWith(config, { step: 2, clock: later });

  expect(exitCode).toBe(2);
  expect(stderr).toContain('more than 24 h ago');
});

it('asks nothing while a run holds the database, and ends with 3', async () => {
  const { config, simulator } = await rigOf();
  const holder = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database, threads: 2 });

  const { exitCode, stderr } = await validateWith(config);

  await holder.close();
  expect(exitCode).toBe(3);
  expect(stderr).toContain('series.duckdb');
  expect(simulator.requestLog.entries()).toEqual([]);
});

it('gives way to a run that begins meanwhile', async () => {
  const { config, simulator } = await rigOf({ requestsPerSecond: 3 });
  const validating = validateWith(config);
  await vi.waitUntil(() => simulator.requestLog.entries().some(({ kind }) => kind === 'search'), { timeout: 10_000 });
  const holder = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database, threads: 2 });
  await holder.use((session) =>
    session.run("insert into forgotten_listings values ('1', now()::timestamp, null, 'a')"),
  );

  const { exitCode, stderr } = await validating;

  await holder.close();
  expect(exitCode).toBe(3);
  expect(stderr).toContain('A run has begun: the validation gave way');
  expect(stderr).toContain('The result could not be kept');
  expect(simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length).toBeLessThan(15);
});

it('does not begin when the checks find a problem', async () => {
  const { config, simulator } = await rigOf();
  simulator.faults.add({ type: 'http_500', kinds: ['robots'] });

  const { exitCode, stdout, stderr } = await validateWith(config);

  expect(exitCode).toBe(1);
  expect(stdout).toContain('PROBLEM portal');
  expect(stderr).toContain('Step 1 was not begun');
  expect(simulator.requestLog.entries().every(({ kind }) => kind === 'robots')).toBe(true);
  expect(await rowsOfStep(config)).toEqual([]);
});

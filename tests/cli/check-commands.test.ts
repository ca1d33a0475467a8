/** `oikotie config` and `oikotie doctor` as a person starts them before a run. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import { portalConfig } from '../workers/portal-config.ts';
import { processTime } from './oikotie-process.ts';
import { startRewritingProxy } from './rewriting-proxy.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const cleanUps: (() => Promise<void>)[] = [];

async function workplace(options: PortalConfigOptions = {}): Promise<Workplace> {
  const place = await createWorkplace(options);
  cleanUps.push(place.close);
  return place;
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What `--json` of the doctor prints. */
interface Report {
  readonly ok: boolean;
  readonly findings: readonly { readonly name: string; readonly status: string; readonly remedy: string | null }[];
}

describe('oikotie config', processTime, () => {
  const environment = { REDIS_URL: 'redis://user:hush@cache.example.org:6379', SCRAPER_LOG_LEVEL: 'ERROR' };

  it('says of each value where it comes from, and shows no secret', async () => {
    const { oikotie, configPath } = await workplace();

    const { exitCode, stdout, stderr } = await oikotie(['config'], { environment });

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`${configPath.endsWith('config.json') ? 'config/config.json' : ''}`);
    expect(stdout).toMatch(/^ {2}log_level +environment SCRAPER_LOG_LEVEL +"ERROR"$/m);
    expect(stdout).toMatch(/^ {2}crawler\.contact +file +"test@example\.org"$/m);
    expect(stdout).toMatch(/^ {2}concurrent_cities +default +1 cities$/m);
    expect(stdout).toContain('redis://user:***@cache.example.org:6379');
    expect(stdout + stderr).not.toContain('hush');
  });

  it('prints the same as JSON', async () => {
    const { oikotie } = await workplace();

    const { exitCode, stdout } = await oikotie(['config', '--json'], { environment });

    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('hush');
    expect(JSON.parse(stdout)).toMatchObject({
      path: 'config/config.json',
      knobs: expect.arrayContaining([
        expect.objectContaining({ path: 'global_settings.log_level', source: 'environment SCRAPER_LOG_LEVEL' }),
      ]),
    });
  });

  it('shows no secret when the secret itself is what is wrong', async () => {
    const { oikotie } = await workplace();

    const { exitCode, stderr } = await oikotie(['config'], { environment: { REDIS_URL: 'http://user:hush@cache' } });

    expect(exitCode).toBe(2);
    expect(stderr).toContain('redis_url');
    expect(stderr).not.toContain('hush');
  });
});

describe('oikotie doctor', processTime, () => {
  it('finds a healthy portal well and ends with 0', async () => {
    const { oikotie, databasePath } = await workplace({ helsinki: 5, espoo: 5 });

    const { exitCode, stdout, stderr } = await oikotie(['doctor']);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('ok      location id of Espoo\n        39, as the portal says\n');
    expect(stdout).toContain(databasePath);
    expect(stdout).toMatch(/\n0 problems, \d+ warnings, \d+ ok\n$/);
  });

  it('names the right location id where the configuration has a municipality number', async () => {
    const { oikotie, simulator, folder, configPath } = await workplace({ helsinki: 0, espoo: 5 });
    const { writeFileSync } = await import('node:fs');
    const config = JSON.stringify(portalConfig(simulator, folder, { helsinki: 0, espoo: 5 }));
    writeFileSync(configPath, config.replace(/(%5B|\[)39,/, '$149,'));

    const { stdout, stderr } = await oikotie(['doctor']);

    expect(stdout).toMatch(/(warning|PROBLEM) location id of Espoo\n +49 in the configuration, 39 at the portal\n/);
    expect(stdout).toContain('-> Set locations=[[39,6,"Espoo"]] in the url of the');
    expect(stderr).toBe('');
  });

  it('calls a robots.txt that forbids the search page a problem', async () => {
    const { oikotie, simulator, configure } = await workplace({ helsinki: 5 });
    const proxy = await startRewritingProxy(simulator.origin, (path, body) =>
      path === '/robots.txt' ? 'User-agent: *\nDisallow: /myytavat-asunnot\n' : body,
    );
    cleanUps.push(proxy.close);
    configure({ helsinki: 5, origin: proxy.origin });

    const { exitCode, stdout } = await oikotie(['doctor', '--json']);

    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout) as Report; // what the doctor prints
    expect(report.ok).toBe(false);
    expect(report.findings.find(({ name }) => name === 'robots.txt for Helsinki')).toMatchObject({
      status: 'problem',
      remedy: expect.stringContaining('Disable the task'),
    });
  });

  it('says so when the portal does not answer', async () => {
    const { oikotie, simulator } = await workplace({ helsinki: 5 });
    simulator.faults.add({ type: 'connection_reset' });

    const { exitCode, stdout, stderr } = await oikotie(['doctor']);

    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/PROBLEM portal 127\.0\.0\.1:\d+\n/);
    expect(stdout).toMatch(/\n1 problems?, /);
  });
});

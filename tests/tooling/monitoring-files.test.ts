/** What is shipped for Prometheus and Grafana fits what the code shows, and every alert has its section. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alertKinds } from '../../src/alerts/alert.ts';
import { runbookOf } from '../../src/alerts/message.ts';
import { systemClock } from '../../src/clock.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';

const rules = readFileSync('deploy/prometheus/rules.yml', 'utf8');
const ruleTests = ['rules.test.yml', 'rules-days.test.yml'].map((name) => `deploy/prometheus/${name}`);
const dashboard = readFileSync('deploy/grafana/oikotie.json', 'utf8');
const page = readFileSync('docs/alerts.md', 'utf8');
const sections = [...page.matchAll(/^###? (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** Names of the registry, with those that a histogram makes of its own. */
function shownNames(): ReadonlySet<string> {
  const facts = { role: 'worker', node: 'a', version: '1', memoryLimitBytes: 1 } as const;
  const metrics = createMetrics({ ...facts, clock: systemClock, cities: [] });
  metrics.close();
  return new Set(metrics.names().flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]));
}

function unknownNames(text: string): readonly string[] {
  const shown = shownNames();
  return [...new Set(text.match(/\boikotie_\w+/g))].filter((name) => !shown.has(name));
}

const panelsSchema = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
});

describe('what is shipped for monitoring', () => {
  it('names only metrics that the code shows: rules, their tests, the dashboard, the page', () => {
    const panels = panelsSchema.parse(JSON.parse(dashboard)).panels.flatMap(({ targets }) => targets);

    expect(panels.length).toBeGreaterThan(20);
    for (const text of [rules, ...ruleTests.map((path) => readFileSync(path, 'utf8')), dashboard, page]) {
      expect(unknownNames(text)).toEqual([]);
    }
    expect(unknownNames('rate(oikotie_requests_totally[5m])')).toEqual(['oikotie_requests_totally']);
  });

  it('has every metric of the code on the page', () => {
    const missing = [...shownNames()].filter((name) => !/_(bucket|sum|count)$/.test(name) && !page.includes(name));

    // These two and one stand there shortened, beside their kin.
    expect(missing.sort()).toEqual([
      'oikotie_city_requests_per_second_limit',
      'oikotie_node_disk_ratio',
      'oikotie_node_memory_ratio',
    ]);
  });

  it('has a section for each rule and each alert of the program, and a test for each rule', () => {
    const named = [...rules.matchAll(/runbook_url: docs\/alerts\.md#(\S+)/g)].map(([, section = '']) => section);
    const names = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    const own = alertKinds.map((kind) => runbookOf(kind).split('#')[1] ?? '');
    const tested = ruleTests.map((path) => readFileSync(path, 'utf8')).join('\n');

    expect(named).toHaveLength(names.length);
    expect([...named, ...own].filter((section) => !sections.includes(section))).toEqual([]);
    expect(names.filter((name) => !tested.includes(`name: ${name} opens\n`))).toEqual([]);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('opens each rule on a series that is wrong and not on one that is right', { timeout: 60_000 }, (context) => {
    if (!hasPromtool) context.skip('promtool is not installed (Debian: apt-get install prometheus)');

    const { stdout, stderr, status } = spawnSync('promtool', ['test', 'rules', ...ruleTests], { encoding: 'utf8' });

    expect(`${stdout}${stderr}`).not.toContain('FAILED');
    expect(status).toBe(0);
  });
});

// Asks Prometheus what it sees of the cluster. It exits 1 with what is wrong.
//   node look-at-prometheus.mjs http://127.0.0.1:9090 roles     every role is scraped, each container of it
//   node look-at-prometheus.mjs http://127.0.0.1:9090 queries   every alert rule and every query of Grafana's dashboard works
import { readFileSync } from 'node:fs';

const [, , origin, what] = process.argv;
const expectedRoles = { dashboard: 1, scheduler: 1, store: 1, worker: 3 };

async function ask(path) {
  const response = await fetch(`${origin}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) });
  const { status, data, error } = await response.json();
  if (status !== 'success') throw new Error(`${path}: ${error}`);
  return data;
}

async function lookAtRoles() {
  const { activeTargets } = await ask('targets?state=active');
  const isDown = activeTargets.filter(({ health }) => health !== 'up').map(({ scrapeUrl }) => scrapeUrl);
  if (isDown.length > 0) throw new Error(`expected every target to be up, got down: ${isDown.join(', ')}`);
  // What is seen of a container that is gone is no longer counted.
  const { result } = await ask(
    `query?query=${encodeURIComponent('count by (role) (oikotie_build_info and on (instance) up == 1)')}`,
  );
  const roles = Object.fromEntries(result.map(({ metric, value }) => [metric.role, Number(value[1])]).sort());
  const [expected, got] = [JSON.stringify(expectedRoles), JSON.stringify(roles)];
  if (expected !== got) throw new Error(`expected the roles ${expected}, got ${got}`);
}

async function lookAtQueries() {
  const { groups } = await ask('rules?type=alert');
  const rules = groups.flatMap((group) => group.rules);
  const isUnwell = rules.filter(({ health }) => health !== 'ok');
  if (rules.length === 0) throw new Error('expected alert rules, got none');
  if (isUnwell.length > 0) {
    throw new Error(
      isUnwell.map(({ name, health, lastError }) => `${name} is ${health} ${lastError ?? ''}`).join('; '),
    );
  }
  const { panels } = JSON.parse(readFileSync('deploy/grafana/oikotie.json', 'utf8'));
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const counts = [];
  for (const query of queries) counts.push((await ask(`query?query=${encodeURIComponent(query)}`)).result.length);
  const answered = counts.filter((count) => count > 0).length;
  console.log(`${rules.length} rules, ${queries.length} queries, ${answered} of them with figures`);
  // Some have figures only when something is wrong: what is open, failed, missing.
  if (answered < queries.length / 2)
    throw new Error(`expected figures for most queries, got ${answered} of ${queries.length}`);
}

try {
  await (what === 'roles' ? lookAtRoles() : lookAtQueries());
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

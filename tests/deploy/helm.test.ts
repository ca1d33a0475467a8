/**
 * The chart, rendered by the parts Helm is made of (scripts/helm-render) and held against the schemas of Kubernetes. Without Go
 * and its packages from Debian the rendering is skipped.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const chart = join(root, 'deploy/helm/oikotie');
const go = ['/usr/lib/go-1.19/bin/go', '/usr/bin/go'].find((path) => existsSync(path));
const canRender = go !== undefined && existsSync('/usr/share/gocode/src/github.com/Masterminds/sprig');

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: any part of any kind is looked at
  readonly spec?: any;
}

interface Container {
  readonly ports: readonly { readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

let folder: string;
let program: string;

function render(values: unknown = {}): readonly Resource[] {
  const path = join(folder, 'values.yaml');
  writeFileSync(path, JSON.stringify(values));
  const text = execFileSync(program, [chart, path], { encoding: 'utf8', stdio: 'pipe' });
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Resource | null)
    .filter((resource) => resource !== null);
}

const everything = {
  worker: { keda: { enabled: true } },
  dashboard: { usersSecret: 'people', ingress: { enabled: true, tlsSecret: 'tls', className: 'nginx' } },
  monitoring: { serviceMonitor: true, prometheusRule: true, labels: { release: 'prometheus' } },
  networkPolicy: { alertPorts: [443] },
  store: { storageClass: 'fast' },
  contact: 'you@example.org',
  image: { pullSecrets: ['registry'] },
  tolerations: [{ key: 'housing', operator: 'Exists' }],
};
const external = {
  redis: { bundled: false, existingSecret: 'our-redis' },
  worker: { autoscaling: { enabled: true } },
  dashboard: { enabled: false },
  store: { backup: { enabled: false } },
};

/** What its schema says against it; null when nothing. */
async function problemOf(resource: Resource): Promise<string | null> {
  const models: Record<string, new (data: unknown) => { validate: () => void }> = await import(
    /* @vite-ignore */ `kubernetes-models/${resource.apiVersion}`
  );
  const Model = models[resource.kind];
  if (Model === undefined) return `no schema of ${resource.kind}`;
  try {
    new Model(resource).validate();
    return null;
  } catch (error) {
    return `${resource.kind} ${resource.metadata.name}: ${String(error)}`;
  }
}

const ofOperators = ['keda.sh', 'monitoring.coreos.com'];

describe.skipIf(!canRender)('the rendered chart (needs golang-1.19-go and golang-github-masterminds-sprig-dev)', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oikotie-helm-'));
    program = join(folder, 'helm-render');
    const environment = { PATH: '/usr/bin:/bin', HOME: folder, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
    const built = spawnSync(go ?? '', ['build', '-o', program, join(root, 'scripts/helm-render/main.go')], {
      encoding: 'utf8',
      env: environment,
    });
    expect([built.status, built.stderr]).toEqual([0, '']);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['as it comes', {}],
    ['with everything on', everything],
    ['with a Redis of its own and nothing else', external],
  ])('is what Kubernetes takes, %s', async (_, values) => {
    const resources = render(values);
    const known = resources.filter(({ apiVersion }) => !ofOperators.some((group) => apiVersion.startsWith(group)));
    const problems = await Promise.all(known.map(problemOf));
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
    expect(known.length).toBeGreaterThan(8);
    const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('runs every container as nobody, without a capability, on a file system it cannot write', () => {
    const pods = render(everything).flatMap(({ spec }) => {
      const template = spec?.jobTemplate?.spec?.template ?? spec?.template;
      return template === undefined ? [] : [template.spec];
    });
    expect(pods.length).toBe(5);
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.automountServiceAccountToken).toBe(false);
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.limits.memory).toBeDefined();
      }
    }
  });

  it('mounts what it names and no password as a value', () => {
    const text = JSON.stringify(
      render({ redis: { password: 'not-to-be-seen' } }).filter(({ kind }) => kind !== 'Secret'),
    );
    expect(text).not.toContain('not-to-be-seen');
    for (const { spec } of render(everything)) {
      const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec;
      if (pod === undefined) continue;
      const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }: Resource) => metadata.name);
      const volumes = new Set([...(pod.volumes ?? []).map(({ name }: { name: string }) => name), ...claims]);
      for (const { volumeMounts } of pod.containers) {
        for (const { name } of volumeMounts) expect([...volumes]).toContain(name);
      }
    }
  });

  it('lets one store alone write its volume, and the dashboard and the backup only read there', () => {
    const resources = render();
    const store = resources.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name.endsWith('-store'));
    expect(store?.spec.replicas).toBe(1);
    const mounts = store?.spec.template.spec.containers.map((container: { name: string; volumeMounts: object[] }) => [
      container.name,
      container.volumeMounts.find((mount) => 'name' in mount && mount.name === 'data'),
    ]);
    expect(mounts).toEqual([
      ['store', { name: 'data', mountPath: '/var/lib/oikotie' }],
      ['dashboard', { name: 'data', mountPath: '/var/lib/oikotie', readOnly: true }],
    ]);
  });

  it('has each container of a pod on ports of its own, each found by who scrapes and let through to it', () => {
    const resources = render(everything);
    const store = resources.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name.endsWith('-store'));
    const containers: readonly Container[] = store?.spec.template.spec.containers;
    const ports = containers.flatMap((container) => container.ports.map((port) => port.containerPort));
    const service = resources.find(({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('-store'));
    const monitor = resources.find(({ kind }) => kind === 'ServiceMonitor');
    const policy = resources.find(({ metadata }) => metadata.name.endsWith('-metrics'));

    expect(ports).toEqual([9464, 3000, 9465]);
    expect(containers.map(({ env }) => env.find(({ name }) => name === 'SCRAPER_METRICS_PORT')?.value)).toEqual([
      '9464',
      '9465',
    ]);
    const named = service?.spec.ports.map(({ name }: { name: string }) => name);
    expect(named).toEqual(['metrics', 'page-metrics']);
    expect(monitor?.spec.endpoints.map(({ port }: { port: string }) => port)).toEqual(named);
    expect(policy?.spec.ingress[0].ports).toEqual([{ port: 9464 }, { port: 9465 }]);
  });

  it('has every alert rule of deploy/prometheus, untouched by templates', () => {
    const rule = render(everything).find(({ kind }) => kind === 'PrometheusRule');

    expect(rule?.spec).toEqual(parse(readFileSync(join(root, 'deploy/prometheus/rules.yml'), 'utf8')));
    expect(rule?.spec.groups[0].rules.length).toBeGreaterThan(10);
  });

  it('refuses what does not go together, in a sentence', () => {
    const both = { worker: { autoscaling: { enabled: true }, keda: { enabled: true } } };
    expect(() => render(both)).toThrow(/expected either autoscaling.enabled or keda.enabled, got both/);
    expect(() => render({ redis: { bundled: false } })).toThrow(/redis.existingSecret: expected the name of a secret/);
  });
});

it('the alert rules of the chart are those of deploy/prometheus (node scripts/generate-helm-files.mjs)', async () => {
  const { renderChartRules } = await import(join(root, 'scripts/generate-helm-files.mjs'));

  expect(readFileSync(join(chart, 'files/rules.yml'), 'utf8')).toBe(renderChartRules());
});

describe('the values of the chart', () => {
  const schema: unknown = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
  const check = new Ajv({ strict: false }).compile(schema as object);

  it('have a schema that is current (node scripts/generate-helm-files.mjs)', async () => {
    const { renderHelmSchema } = await import(join(root, 'scripts/generate-helm-files.mjs'));
    expect(readFileSync(join(chart, 'values.schema.json'), 'utf8')).toBe(renderHelmSchema());
  });

  it('are what their schema says, and an unknown name or a wrong type is not', () => {
    const values: object = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'));
    expect(check(values)).toBe(true);
    expect(check({ ...values, workers: 3 })).toBe(false);
    expect(check({ ...values, contact: 3 })).toBe(false);
  });
});

/**
 * What each kind of process needs of the machine it runs on: folders that it writes to and ports that it opens.
 */
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { snapshotPathOf } from '../src/storage/snapshot.ts';
import { datasetFolderOf } from '../workers/publications.ts';
import type { FolderUse, PortUse } from './doctor-places.ts';
import { checkFolder, checkPort } from './doctor-places.ts';
import type { DoctorRole } from './doctor-role.ts';
import type { Finding } from './finding.ts';

export interface DoctorCheck {
  /** Name of the finding when the check itself fails. */
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<readonly Finding[]>;
}

type Findings = Finding | readonly Finding[];

export function check(name: string, find: (signal: AbortSignal) => Findings | Promise<Findings>): DoctorCheck {
  return { name, run: async (signal) => [await find(signal)].flat() };
}

/** Whether the role can write where it does. */
export function folderChecks(config: Config, role: DoctorRole): readonly DoctorCheck[] {
  return foldersOf(config, role).map((use) => check(use.name, () => checkFolder(use)));
}

function foldersOf(config: Config, role: DoctorRole): readonly FolderUse[] {
  const { logsDirectory, databasePath, publish } = config;
  const publishes = role === 'standalone' || role === 'store';
  const others = [
    {
      name: 'log files',
      path: logsDirectory,
      remedy: 'Change its permissions, or set logs_directory to another folder or null',
    },
    {
      name: 'published snapshots',
      path: publishes && publish.snapshots ? dirname(snapshotPathOf(databasePath)) : null,
      remedy: 'Change its permissions, or set publish.snapshots to false; readers get no news until then',
    },
    {
      name: 'published datasets',
      path: publishes && publish.datasets ? datasetFolderOf(config) : null,
      remedy: 'Change its permissions, or set publish.datasets to false; a run without its dataset is degraded',
    },
  ];
  return [
    stateFolder(config, role),
    ...others.flatMap(({ path, ...use }) => (path === null ? [] : [{ ...use, path, status: 'warning' as const }])),
  ];
}

/** A worker loses results without it, a dashboard does not start; others go on with what they have in memory. */
function stateFolder({ stateDirectory: path, dashboard }: Config, role: DoctorRole): FolderUse {
  const isKept = role === 'dashboard' && (dashboard.users.length === 0 || dashboard.sessionSecret === null);
  return {
    name: 'state directory',
    path,
    status: role === 'worker' || isKept ? 'problem' : 'warning',
    remedy: 'Change its permissions, or set state_directory (SCRAPER_STATE_DIRECTORY) to a folder of this process',
  };
}

/** Whether the role can open its ports. */
export function portChecks({ metricsPort, metricsHost, dashboard }: Config, role: DoctorRole): readonly DoctorCheck[] {
  const uses: PortUse[] = [];
  if (role === 'dashboard') {
    const remedy = 'End what uses it, or set dashboard.port (DASHBOARD_PORT)';
    uses.push({ name: 'dashboard port', host: dashboard.host, port: dashboard.port, status: 'problem', remedy });
  }
  if (metricsPort !== null) {
    const remedy =
      'End what uses it, or set metrics_port (SCRAPER_METRICS_PORT): each process of a machine needs its own';
    uses.push({ name: 'metrics port', host: metricsHost, port: metricsPort, status: 'warning', remedy });
  }
  return uses.map((use) => check(use.name, () => checkPort(use)));
}

/**
 * The doctor's look at settings that are allowed and may not be what is meant: who sees the dashboard, who is told of
 * alerts, when the next run begins.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, DashboardConfig } from '../config/config.ts';
import { isLoopback } from '../dashboard/auth/guards.ts';
import { messageOf } from '../src/errors.ts';
import { createAlertChannels } from '../workers/alert-channels.ts';
import type { Finding } from './finding.ts';
import { findingOf } from './finding.ts';
import { renderTime } from './schedule-page.ts';

/** What loading the configuration has warned of; the contact has a check of its own. */
export function checkWarnings(warnings: readonly string[], enabledCities: number): readonly Finding[] {
  const name = 'configuration';
  const others = warnings.filter((sentence) => !sentence.startsWith('global_settings.crawler.contact:'));
  if (others.length > 0) return others.map((sentence) => findingOf(name, 'warning', sentence));
  const seen = `${enabledCities} ${enabledCities === 1 ? 'city is' : 'cities are'} enabled`;
  return [{ name, status: 'ok', seen, remedy: null }];
}

/** Who may see the dashboard, and from where. */
export async function checkAccess({
  dashboard,
  stateDirectory,
}: Pick<Config, 'dashboard' | 'stateDirectory'>): Promise<readonly Finding[]> {
  return [await checkUsers(dashboard, join(stateDirectory, 'dashboard', 'users')), checkAddress(dashboard)];
}

async function checkUsers({ asksWho, host, users }: DashboardConfig, keptPath: string): Promise<Finding> {
  const name = 'dashboard users';
  const remedy = 'Set dashboard.authentication (DASHBOARD_AUTHENTICATION) to true';
  if (!asksWho && !isLoopback(host)) {
    const seen = `nobody is asked who they are on ${host}, which others reach: the dashboard refuses to start`;
    return { name, status: 'problem', seen, remedy };
  }
  if (!asksWho) return { name, status: 'warning', seen: 'everybody on this machine may act as an operator', remedy };
  if (users.length === 0) {
    const isKept = (await stat(keptPath).catch(() => null)) !== null;
    const seen = isKept
      ? 'the operator of the first start, in state_directory'
      : 'none yet: the first start makes one operator and prints its password';
    return { name, status: 'ok', seen, remedy: null };
  }
  const operators = users.filter((line) => line.split(':')[1] === 'operator').length;
  const seen = `${users.length}, of them ${operators} ${operators === 1 ? 'operator' : 'operators'}`;
  if (operators > 0) return { name, status: 'ok', seen, remedy: null };
  return {
    name,
    status: 'warning',
    seen,
    remedy: 'Give somebody the role operator in DASHBOARD_USERS, or nobody can act',
  };
}

function checkAddress({ host, port, publicUrl }: DashboardConfig): Finding {
  const name = 'dashboard address';
  const url = publicUrl === null ? null : new URL(publicUrl);
  if (url !== null && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const remedy = 'Let a reverse proxy end TLS, and write https:// in DASHBOARD_PUBLIC_URL';
    return { name, status: 'warning', seen: `passwords travel in the clear to ${publicUrl}`, remedy };
  }
  if (url === null && !isLoopback(host)) {
    const remedy = 'Set DASHBOARD_PUBLIC_URL to the address that people type (docs/dashboard.md)';
    return { name, status: 'warning', seen: `${host}:${port} answers to whatever name leads there`, remedy };
  }
  return { name, status: 'ok', seen: publicUrl ?? `http://${host}:${port}`, remedy: null };
}

/** Who is told when something is wrong. `isWatched`: a monitoring system can see this process. */
export function checkAlerts({ alerts }: Pick<Config, 'alerts'>, isWatched: boolean): Finding {
  const name = 'alerts';
  const channels = alerts.isEnabled ? createAlertChannels(alerts).map((channel) => channel.name) : [];
  if (channels.length > 0) {
    const seen = `are told by ${channels.join(', ')}; "oikotie alerts test" tries that`;
    return { name, status: 'ok', seen, remedy: null };
  }
  const seen = alerts.isEnabled ? 'no channel is set' : 'alerts.enabled is false';
  if (isWatched)
    return { name, status: 'ok', seen: `${seen}; /metrics is there for a monitoring system`, remedy: null };
  const remedy =
    'Set one of SCRAPER_ALERT_WEBHOOK_URL, SCRAPER_ALERT_NTFY_URL and SCRAPER_ALERT_SMTP_URL (docs/alerts.md)';
  return { name, status: 'warning', seen: `${seen}: nobody is told when a run fails`, remedy };
}

/** When the scheduler starts the next run. */
export async function checkSchedule({ isEnabled, ...definition }: Config['schedule'], nowMs: number): Promise<Finding> {
  const name = 'schedule';
  if (!isEnabled) {
    const remedy = 'Set schedule.enabled to true, unless somebody else starts the runs';
    return { name, status: 'warning', seen: 'schedule.enabled is false: no run is started by itself', remedy };
  }
  const { nextTime } = await import('../queues/cron-times.ts');
  try {
    const nextMs = nextTime(definition, nowMs);
    if (nextMs !== null) return { name, status: 'ok', seen: `the next run starts ${renderTime(nextMs)}`, remedy: null };
    const seen = `"${definition.pattern}" never comes true`;
    return { name, status: 'problem', seen, remedy: 'Correct schedule.pattern' };
  } catch (error) {
    return { name, status: 'problem', seen: messageOf(error), remedy: 'Correct schedule.pattern or schedule.timezone' };
  }
}

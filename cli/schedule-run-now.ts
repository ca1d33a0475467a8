/**
 * `oikotie schedule run-now`: the run of today at once, as `oikotie run --cluster` would start it, without following it.
 */
import type { RedisConnection } from '../queues/redis-connection.ts';
import { createLog } from '../src/log.ts';
import { startRun } from '../workers/operator/start-run.ts';
import { selectTasks } from '../workers/select-tasks.ts';
import type { CommandIo } from './command.ts';
import type { ScheduleView } from './schedule.ts';

/** Starts it and prints which; warns of the roles that nobody plays. */
export async function runNow(view: ScheduleView & { readonly redis: RedisConnection }, io: CommandIo): Promise<void> {
  const { config, redis, clock, audit, json } = view;
  const tasks = selectTasks(config.tasks, null);
  const log = createLog({ level: 'silent', destination: io.stderr });
  const { missing, ...started } = await startRun({ config, tasks, redis, clock, log, audit });
  const { executionId, isNew } = started;
  const sentence = isNew ? 'is on its queue' : 'is under way already';
  if (json) io.stdout.write(`${JSON.stringify(started, null, 2)}\n`);
  else io.stdout.write(`${executionId} ${sentence}. Watch it with: oikotie run --cluster\n`);
  for (const each of missing) io.stderr.write(`warning: ${each}\n`);
}

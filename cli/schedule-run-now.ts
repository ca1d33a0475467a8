/**
 * `oikotie schedule run-now`: the run of today at once, as `oikotie run --cluster` would start it, without following it.
 */
import type { RedisConnection } from '../queues/redis-connection.ts';
import { nominalDayOf } from '../src/clock.ts';
import { createLog } from '../src/log.ts';
import { missingRoles } from '../workers/missing-roles.ts';
import { chooseExecutionId, openRunDesk } from '../workers/run-desk.ts';
import { selectTasks } from '../workers/select-tasks.ts';
import type { CommandIo } from './command.ts';
import type { ScheduleView } from './schedule.ts';
import { recordAction } from './schedule.ts';

/** Puts today's run on its queue, or another one when it has ended; one that is under way is left as it is. */
export async function runNow(view: ScheduleView, redis: RedisConnection, io: CommandIo): Promise<void> {
  const { config, clock, json } = view;
  const tasks = selectTasks(config.tasks, null);
  const log = createLog({ level: 'silent', destination: io.stderr });
  const desk = openRunDesk({ config, tasks, redis, clock, log });
  try {
    const nominalDay = nominalDayOf(clock.now());
    const executionId = await chooseExecutionId(desk, nominalDay);
    const isNew = (await desk.stateOf(executionId)) === 'unknown';
    if (isNew) {
      await desk.enqueue({ executionId, nominalDay });
      recordAction(view, `${executionId} was started`, executionId);
    }
    const sentence = isNew ? 'is on its queue' : 'is under way already';
    if (json) io.stdout.write(`${JSON.stringify({ executionId, nominalDay, isNew }, null, 2)}\n`);
    else io.stdout.write(`${executionId} ${sentence}. Watch it with: oikotie run --cluster\n`);
    for (const { sentence } of await missingRoles(desk.queues, tasks)) io.stderr.write(`warning: ${sentence}\n`);
  } finally {
    await desk.close();
  }
}

/** What an operator accepts for a run on a cluster travels in its job, and is refused when that job is there already. */
import { expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '../../queues/redis-connection.ts';
import { nominalDayOf, systemClock } from '../../src/clock.ts';
import { jobIdOf } from '../../src/jobs/job-names.ts';
import { runOnCluster } from '../../workers/cluster-run.ts';
import { openRunDesk } from '../../workers/run-desk.ts';
import { redisAt, silentLog, startRedis } from '../queues/redis-server.ts';
import { createRig } from './run-against-simulator.ts';

it('--accept-drop is in the payload of the run, and refused for one that is on its queue', async () => {
  const redisPort = await startRedis();
  const rig = await createRig({
    globalSettings: { cluster_coordination: { redis_url: `redis://127.0.0.1:${redisPort}` } },
  });
  onTestFinished(rig.close);
  const { config } = rig;
  const { tasks } = config;
  const redis = connectRedis({ target: redisAt(redisPort), name: 'test', log: silentLog });
  const desk = openRunDesk({ config, tasks, redis, clock: systemClock, log: silentLog });
  onTestFinished(async () => {
    await desk.close();
    redis.disconnect();
  });
  const run = () => {
    const leaving = new AbortController();
    return runOnCluster({
      config,
      tasks,
      acceptsDrop: true,
      clock: systemClock,
      log: silentLog,
      signal: leaving.signal,
      progressIntervalMs: 1_000,
      onProgress: () => {},
      onWaiting: () => {},
      onStarted: () => leaving.abort(),
    });
  };

  const end = await run();

  const executionId = `daily-${nominalDayOf(systemClock.now())}`;
  expect(end).toEqual({ kind: 'left', executionId });
  const job = await desk.queues.queue('runs').getJob(jobIdOf(executionId, 'run'));
  expect(JSON.stringify(job?.data)).toContain('"acceptsDrop":true');
  await expect(run()).rejects.toThrow(/^--accept-drop: expected a run that is not on its queue yet, got daily-/);
});

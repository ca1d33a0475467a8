/**
 * Brings the scripts of a client back into servers that have lost them. The client sends a script's text once per
 * connection and its name from then on; when a transaction with the text is refused as a whole, as by a node of a Redis
 * Cluster that has just come back, the client takes it for known, and every later transaction fails (ioredis 6.0.0).
 */
import { z } from 'zod';
import { messageOf } from '../src/errors.ts';
import { eachServer } from './redis-fitness.ts';
import type { RedisConnection } from './redis-target.ts';

const scriptsSchema = z.record(z.string(), z.object({ lua: z.string() }));

/** Does the work; when a script was missing, once more after all scripts have been given to every server. */
export async function withScripts<Result>(redis: RedisConnection, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    await loadScripts(redis);
    return work();
  }
}

async function loadScripts(redis: RedisConnection): Promise<void> {
  const texts = Object.values(scriptsSchema.parse(redis.scriptsSet)).map(({ lua }) => lua);
  await Promise.all(eachServer(redis).flatMap(({ server }) => texts.map((text) => server.script('LOAD', text))));
}

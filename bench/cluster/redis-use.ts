/** What a cluster takes of its Redis: memory, connections, commands, processor time, and how much waits for the store. */
import { Redis } from 'ioredis';

export interface RedisUse {
  readonly memoryBytes: number;
  readonly peakBytes: number;
  readonly keys: number;
  readonly connections: number;
  /** Since it started. */
  readonly commands: number;
  readonly cpuMs: number;
  /** Jobs of the store that are waiting or being written. */
  readonly storeJobs: number;
}

export interface RedisMeter {
  readonly read: () => Promise<RedisUse>;
  readonly close: () => void;
}

/** Opens a connection of its own, which is not counted. */
export function openRedisMeter(url: string): RedisMeter {
  const client = new Redis(url);
  return {
    read: async () => {
      const text = await client.info();
      const of = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);
      const store = '{scraper}:store';
      const waiting = await Promise.all([client.zcard(`${store}:prioritized`), client.llen(`${store}:wait`)]);
      const active = await client.llen(`${store}:active`);
      return {
        memoryBytes: of('used_memory'),
        peakBytes: of('used_memory_peak'),
        keys: await client.dbsize(),
        connections: of('connected_clients') - 1,
        commands: of('total_commands_processed'),
        cpuMs: (of('used_cpu_user') + of('used_cpu_sys')) * 1_000,
        storeJobs: waiting.reduce((sum, each) => sum + each, active),
      };
    },
    close: () => client.disconnect(),
  };
}

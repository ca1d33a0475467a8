/**
 * `oikotie node drain <id>`: asks a node of the cluster, wherever it runs, to end as on SIGTERM, and waits until it has.
 */

import type { NodeRegistry, RegisteredNode } from '../queues/node-registry.ts';
import { systemClock } from '../src/clock.ts';
import { answerSoon, withCluster } from '../workers/cluster-access.ts';
import { openAuditFile } from '../workers/degradable-parts.ts';
import { askToDrain } from '../workers/operator/drain-node.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';

export interface NodeDrainOptions {
  readonly configPath: string | undefined;
  readonly nodeId: string;
  /** False: asks and does not wait. */
  readonly wait: boolean;
}

/** Time between two looks whether the node is gone, in milliseconds. */
const lookIntervalMs = 300;

/**
 * Drains the node and gives back the exit code: 2 for an unknown node, 1 for one that is or goes offline.
 * @throws ConfigError when no Redis is configured; ScraperError CLUSTER_UNREACHABLE when it does not answer.
 */
export async function runNodeDrain(options: NodeDrainOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(options.configPath);
  return withCluster(config, async ({ registry }) => {
    const { nodeId } = options;
    const file = openAuditFile(config, systemClock, (reason) => io.stderr.write(`warning: audit log: ${reason}\n`));
    const answer = await askToDrain({ config, registry, clock: systemClock, audit: file.record }, nodeId);
    await file.flush();
    if (answer.kind === 'unknown_node') return refuseUnknown(nodeId, answer.known, io);
    if (answer.kind === 'offline') {
      io.stderr.write(`node ${nodeId} is offline and cannot hear; others take its jobs when their locks end\n`);
      return exitCodes.degraded;
    }
    io.stderr.write(
      `${nodeId} is asked to drain: it takes nothing new, finishes or gives back what is active, and ends.\n`,
    );
    return options.wait ? untilGone(answer.node, registry, io) : exitCodes.ok;
  });
}

function refuseUnknown(nodeId: string, known: readonly string[], io: CommandIo): number {
  const expected = known.length === 0 ? 'a node that runs, and there is none' : `one of ${known.join(', ')}`;
  io.stderr.write(`node drain ${nodeId}: expected ${expected}; see: oikotie status\n`);
  return exitCodes.badInput;
}

/** Another process may have the name by the time one looks: then this one is gone as well. */
async function untilGone(asked: RegisteredNode, registry: NodeRegistry, io: CommandIo): Promise<number> {
  const { nodeId, startedAtUtc } = asked;
  while (!io.signal.aborted) {
    const node = (await answerSoon(registry.list())).find((each) => each.nodeId === nodeId);
    if (node === undefined || node.startedAtUtc !== startedAtUtc) {
      io.stdout.write(`${nodeId} has drained and is gone.\n`);
      return exitCodes.ok;
    }
    if (node.status === 'offline') {
      io.stderr.write(`${nodeId} gives no more signs of life and did not say that it ends; look at its log\n`);
      return exitCodes.degraded;
    }
    await systemClock.sleep(lookIntervalMs, io.signal).catch(() => undefined);
  }
  io.stderr.write(`Left; ${nodeId} goes on draining.\n`);
  return exitCodes.interrupted;
}

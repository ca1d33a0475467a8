/**
 * The nodes of a cluster as they see themselves: each tells its state again and again under
 * `<prefix>:node_health:<nodeId>`, and a node that no longer does is first offline, then forgotten.
 */
import type { NodeHealth } from '../src/resilience/node-health.ts';

/** What a node does. `loop` is a program of someone else that works through the coordinator. */
export type NodeRole = 'worker' | 'store' | 'scheduler' | 'loop';

/** What others see: a node that has stopped telling is offline. */
export type NodeStatus = NodeHealth | 'offline';

export interface NodeVitals {
  /** Of all cores of the machine or container, 0 to 100. */
  readonly cpuPercent: number;
  /** Of what the machine or container may use, 0 to 100. */
  readonly memoryPercent: number;
  /** Of the disk that holds the node's state, 0 to 100. */
  readonly diskPercent: number;
  readonly activeJobs: number;
  /** Log lines of that level since the node started. */
  readonly errorCount: number;
  readonly warningCount: number;
}

export interface NodeHeartbeat extends NodeVitals {
  readonly nodeId: string;
  readonly role: NodeRole;
  /** What the node says of itself. */
  readonly health: NodeHealth;
  readonly version: string;
  /** Cities it serves; none for a store or scheduler. */
  readonly cities: readonly string[];
  /** True when it takes nothing new and is about to end. */
  readonly isDraining: boolean;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string;
}

export interface RegisteredNode extends NodeHeartbeat {
  readonly status: NodeStatus;
  /** ISO 8601 UTC, by the clock of Redis. */
  readonly lastHeartbeatUtc: string;
}

export interface NodeRegistry {
  /**
   * Takes the name for this process: at once when it is free, or its process has ended on this machine; when it is that
   * of a node elsewhere, after that has given no sign of life for ten seconds or three heartbeats.
   * @throws ScraperError NODE_ID_TAKEN when another living process has it; the signal's reason when it aborts first.
   */
  readonly join: (heartbeat: NodeHeartbeat, signal: AbortSignal) => Promise<void>;
  /**
   * Tells the state of this process; the node stays known for five minutes after the last one.
   * @throws ScraperError NODE_ID_TAKEN when another process has taken the name while this one was silent.
   */
  readonly beat: (heartbeat: NodeHeartbeat) => Promise<void>;
  /** Takes the node out, unless another process has the name by now. */
  readonly leave: (nodeId: string) => Promise<void>;
  /** Every known node, by name; those that have missed three heartbeats are offline. */
  readonly list: () => Promise<readonly RegisteredNode[]>;
  /** Asks a node from afar to drain; false when there is no such node. */
  readonly requestDrain: (nodeId: string) => Promise<boolean>;
  /** Whether a node of this process is asked to drain. Asked every two seconds or so it is a sign of life as well. */
  readonly isDrainRequested: (nodeId: string) => Promise<boolean>;
}

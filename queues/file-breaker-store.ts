/**
 * Breaker states in one JSON file of the state directory: for standalone runs, so that an open breaker survives a
 * restart and `oikotie breaker` can reach a run in progress. A success costs no write: the sliding window stays in
 * memory, only the rest is on disk. Every write is a new file under a lock, renamed into place.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../src/clock.ts';
import { replaceFile } from '../src/replace-file.ts';
import type { BreakerState } from '../src/resilience/breaker-state.ts';
import type { BreakerStateStore, StoredBreaker } from '../src/resilience/breaker-store.ts';
import { breakerStateSchema } from './breaker-state-schema.ts';
import { SerialLane } from './serial-lane.ts';
import { explainState, isMissing, lockStateFile, readStateFile } from './state-file.ts';

export interface FileBreakerStoreOptions {
  /** Made when missing. */
  readonly directory: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Told of a file that could not be read and was set aside. */
  readonly onProblem: (message: string) => void;
  /**
   * How long what was last seen of the file may be taken for what it holds, in milliseconds; before a write to it the file
   * is looked at in any case. Default 0: it is looked at for every call.
   */
  readonly trustMs?: number;
}

const fileSchema = z.object({
  format: z.literal(1),
  breakers: z.record(z.string(), z.object({ version: z.number().int().positive(), state: breakerStateSchema })),
});

interface Kept {
  /** Grows with each write to disk. */
  readonly version: number;
  /** Grows with each change that stays in memory. */
  readonly step: number;
  readonly state: BreakerState;
}
type Breakers = Map<string, Kept>;

/** Makes the store; it opens nothing that must be closed. Its methods throw StorageError STATE_UNUSABLE. */
export function createFileBreakerStore(options: FileBreakerStoreOptions): BreakerStateStore {
  return new FileBreakerStore(options);
}

class FileBreakerStore implements BreakerStateStore {
  readonly #options: FileBreakerStoreOptions;
  readonly #path: string;
  readonly #seenAtMs = new Map<string, number>();
  readonly #lane = new SerialLane();
  /** Tasks in the lane, the one that runs included. */
  #inLane = 0;
  #known: { readonly stamp: string; readonly breakers: Breakers } = { stamp: '', breakers: new Map() };
  /** When the file was last looked at. */
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: FileBreakerStoreOptions) {
    this.#options = options;
    this.#path = join(options.directory, 'breakers.json');
  }

  read = async (name: string): Promise<StoredBreaker> => {
    const atOnce = this.#trustedAtOnce();
    if (atOnce !== null) return this.#storedIn(atOnce, name);
    return this.#inLine(async () => this.#storedIn(this.#trusted() ?? (await this.#load()), name));
  };

  compareAndSet = async (name: string, version: string, state: BreakerState): Promise<boolean> => {
    const atOnce = this.#trustedAtOnce();
    const isKept = atOnce === null ? null : this.#keepInMemory(atOnce, name, version, state);
    if (isKept !== null) return isKept;
    return this.#inLine(async () => {
      const breakers = this.#trusted() ?? (await this.#load());
      return this.#keepInMemory(breakers, name, version, state) ?? this.#keepOnDisk(name, version, state);
    });
  };

  list = (): Promise<ReadonlyMap<string, BreakerState>> =>
    this.#inLine(async () => new Map([...(await this.#load())].map(([name, { state }]) => [name, state])));

  reportNode = async (nodeId: string): Promise<void> => {
    this.#seenAtMs.set(nodeId, this.#options.clock.now());
  };

  liveNodes = async (withinMs: number): Promise<readonly string[]> => {
    const sinceMs = this.#options.clock.now() - withinMs;
    return [...this.#seenAtMs].flatMap(([nodeId, atMs]) => (atMs > sinceMs ? [nodeId] : []));
  };

  /** One thing at a time, so that what was loaded is still what is known. @throws StorageError that names the file. */
  async #inLine<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#inLane += 1;
    try {
      return await this.#lane.run(() => explainState('breaker states', this.#path, work));
    } finally {
      this.#inLane -= 1;
    }
  }

  /** What was last seen, when nothing is under way that may change it and it is recent enough. */
  #trustedAtOnce(): Breakers | null {
    return this.#inLane === 0 ? this.#trusted() : null;
  }

  #storedIn(breakers: Breakers, name: string): StoredBreaker {
    const kept = breakers.get(name);
    return { state: kept?.state ?? null, version: versionOf(kept), nowMs: this.#options.clock.now() };
  }

  /** Keeps a state that says nothing new to the disk; false when it is of another version, null when it must be written. */
  #keepInMemory(breakers: Breakers, name: string, version: string, state: BreakerState): boolean | null {
    const kept = breakers.get(name);
    if (version !== versionOf(kept)) return false;
    if (kept === undefined || !isSameOnDisk(kept.state, state)) return null;
    breakers.set(name, { ...kept, step: kept.step + 1, state });
    return true;
  }

  /** What was last seen, while that is recent enough; a clock that was set back ends it. */
  #trusted(): Breakers | null {
    const ageMs = this.#options.clock.now() - this.#lookedAtMs;
    return ageMs >= 0 && ageMs < (this.#options.trustMs ?? 0) ? this.#known.breakers : null;
  }

  /** What is kept now; read from disk only when somebody has written since. */
  async #load(): Promise<Breakers> {
    const nowMs = this.#options.clock.now();
    const stamp = await stampOf(this.#path);
    this.#lookedAtMs = nowMs;
    if (stamp === this.#known.stamp) return this.#known.breakers;
    const onDisk = await readBreakers(this.#path, this.#options.onProblem);
    const merged = new Map<string, Kept>();
    for (const [name, kept] of onDisk) {
      const mine = this.#known.breakers.get(name);
      merged.set(name, mine?.version === kept.version ? mine : kept);
    }
    // Of before the reading: what is written meanwhile is seen next time.
    this.#known = { stamp, breakers: merged };
    return merged;
  }

  async #keepOnDisk(name: string, version: string, state: BreakerState): Promise<boolean> {
    const unlock = await lockStateFile(this.#path, this.#options);
    try {
      const breakers = await this.#load();
      const kept = breakers.get(name);
      if (version !== versionOf(kept)) return false;
      const next = new Map([...breakers, [name, { version: (kept?.version ?? 0) + 1, step: 0, state }]]);
      await replaceFile(this.#path, renderFile(next));
      this.#known = { stamp: await stampOf(this.#path), breakers: next };
      return true;
    } finally {
      await unlock();
    }
  }
}

function versionOf(kept: Kept | undefined): string {
  return `${kept?.version ?? 0}.${kept?.step ?? 0}`;
}

/** Whether what must survive a restart is the same: everything but the window. Most successes change nothing else. */
function isSameOnDisk(before: BreakerState, after: BreakerState): boolean {
  const names = Object.keys(after) as (keyof BreakerState)[];
  if (names.every((name) => name === 'window' || before[name] === after[name])) return true;
  return JSON.stringify({ ...before, window: [] }) === JSON.stringify({ ...after, window: [] });
}

function renderFile(breakers: Breakers): string {
  const entries = [...breakers].map(([name, { version, state }]) => [
    name,
    { version, state: { ...state, window: [] } },
  ]);
  return `${JSON.stringify({ format: 1, breakers: Object.fromEntries(entries) }, null, 2)}\n`;
}

/** Changes whenever the file is replaced; the empty text when there is none. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino}.${mtimeMs}.${size}`;
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

async function readBreakers(path: string, onProblem: (message: string) => void): Promise<Breakers> {
  const content = await readStateFile(path, fileSchema, { onProblem, consequence: 'every breaker begins closed' });
  const entries = Object.entries(content?.breakers ?? {});
  return new Map(entries.map(([name, { version, state }]) => [name, { version, step: 0, state }]));
}

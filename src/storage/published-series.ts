/**
 * The published snapshot, read by many at once and for as long as a process lives: a few connections on one instance, and a
 * new instance as soon as another snapshot has taken the place of the one that is open. It never opens the database itself.
 */
import { stat } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { StorageError } from '../errors.ts';
import type { Database } from './database.ts';
import { createDatabase, instanceSettings } from './database.ts';
import { requireCurrentSchema } from './migrate.ts';
import { lockDown } from './query.ts';
import { createSession } from './session.ts';
import { snapshotPathOf } from './snapshot.ts';
import { openingError } from './storage-errors.ts';

export interface Edition {
  /** Changes with every snapshot; the same as long as the same one is read. */
  readonly version: string;
  readonly publishedAtMs: number;
}

export interface PublishedSeries {
  /** What would be read now; null while nothing has been published. */
  readonly edition: () => Promise<Edition | null>;
  /**
   * Gives the work one connection to the newest snapshot, alone. The snapshot stays open until the work is done, whatever is
   * published meanwhile.
   * @throws StorageError SNAPSHOT_MISSING when nothing has been published, else as `openDatabase` in mode `read`.
   */
  readonly read: <Result>(work: (database: Database, edition: Edition) => Promise<Result>) => Promise<Result>;
  /** Waits for what is being read. */
  readonly close: () => Promise<void>;
}

export interface PublishedSeriesOptions {
  /** Of the database, not of its snapshot. */
  readonly databasePath: string;
  /** DuckDB memory_limit, e.g. `512MB`. */
  readonly memoryLimit: string;
  readonly threads: number;
  /** Queries at once, at most; more wait for their turn. */
  readonly connections: number;
}

interface Lease {
  readonly database: Database;
  readonly giveBack: () => Promise<void>;
}

/** An instance, its connections, and how many are reading from it. */
interface OpenEdition extends Edition {
  readonly lease: () => Lease | null;
  /** Nobody begins to read from it any more; it closes when the last has ended. */
  readonly retire: () => Promise<void>;
}

/** Opens nothing yet. */
export function createPublishedSeries(options: PublishedSeriesOptions): PublishedSeries {
  const path = snapshotPathOf(options.databasePath);
  let open: Promise<OpenEdition> | null = null;
  let openVersion: string | null = null;

  const current = async (): Promise<OpenEdition> => {
    const found = await findEdition(path);
    if (found === null) throw missing(path);
    if (open === null || openVersion !== found.version) {
      const before = open;
      openVersion = found.version;
      open = openEdition(path, found, options);
      // One that cannot be opened is tried again with the next question.
      open.catch(() => {
        openVersion = null;
      });
      await (await before?.catch(() => null))?.retire();
    }
    return open;
  };

  const self: PublishedSeries = {
    edition: () => findEdition(path),
    read: async (work) => {
      const edition = await current();
      const lease = edition.lease();
      // Another one was published, and this one closed, in between.
      if (lease === null) return self.read(work);
      const { database, giveBack } = lease;
      try {
        return await work(database, edition);
      } finally {
        await giveBack();
      }
    },
    close: async () => {
      await (await open?.catch(() => null))?.retire();
      open = null;
      openVersion = null;
    },
  };
  return self;
}

async function findEdition(path: string): Promise<Edition | null> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw openingError(path, error);
  });
  if (found === null) return null;
  return { version: `${found.ino}-${Math.round(found.mtimeMs)}-${found.size}`, publishedAtMs: found.mtimeMs };
}

async function openEdition(path: string, edition: Edition, options: PublishedSeriesOptions): Promise<OpenEdition> {
  const instance = await openInstance(path, options);
  const members: { readonly database: Database; readers: number }[] = [];
  try {
    for (let index = 0; index < options.connections; index++) {
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      const session = createSession(connection);
      const database = createDatabase({ path, mode: 'read', connection, session, closeInstance: () => undefined });
      members.push({ database, readers: 0 });
    }
    await members[0]?.database.use(async (session) => {
      await requireCurrentSchema(session, path);
      // For the whole instance, and the last that is set.
      await lockDown(session.connection, []);
    });
  } catch (error) {
    await Promise.all(members.map(({ database }) => database.close()));
    instance.closeSync();
    throw error instanceof StorageError ? error : openingError(path, error);
  }
  return { ...edition, ...leases(members, () => instance.closeSync()) };
}

/** Not from DuckDB's cache: that goes by the name, and under this name there is another file each time. */
async function openInstance(path: string, options: PublishedSeriesOptions): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path, instanceSettings({ ...options, mode: 'read' }));
  } catch (error) {
    throw openingError(path, error);
  }
}

function leases(members: readonly { readonly database: Database; readers: number }[], closeInstance: () => void) {
  let isRetired = false;
  let isClosed = false;

  const closeWhenUnused = async () => {
    if (!isRetired || isClosed || members.some(({ readers }) => readers > 0)) return;
    isClosed = true;
    await Promise.all(members.map(({ database }) => database.close()));
    closeInstance();
  };

  return {
    lease: () => {
      if (isClosed) return null;
      const member = members.reduce((least, next) => (next.readers < least.readers ? next : least));
      member.readers++;
      const giveBack = async () => {
        member.readers--;
        await closeWhenUnused();
      };
      return { database: member.database, giveBack };
    },
    retire: async () => {
      isRetired = true;
      await closeWhenUnused();
    },
  };
}

function missing(path: string): StorageError {
  const message = `there is no snapshot at ${path} yet: it comes with the first city of a run while publish.snapshots is true`;
  return new StorageError('SNAPSHOT_MISSING', message);
}

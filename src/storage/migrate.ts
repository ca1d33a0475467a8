/**
 * Brings a database file to the schema of this program: numbered SQL files, forward only, each in a transaction, or all in
 * one for a new file. It never touches a file of a newer program, nor a DuckDB file that another program made.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { StorageError } from '../errors.ts';
import type { Session } from './session.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

const migrationName = /^(\d{4})_[a-z0-9_]+\.sql$/;

const createHistory = `CREATE TABLE schema_migrations (
  version INTEGER PRIMARY KEY,
  name VARCHAR NOT NULL,
  applied_at TIMESTAMP NOT NULL
)`;

/** Where the database is kept as it was before it was brought from this schema to a newer one. */
function pathBeforeMigration(path: string, schemaVersion: number): string {
  return `${path}.schema-${schemaVersion}`;
}

/**
 * Applies the migrations that the file does not have yet; `keepBefore` is given the way back first, unless the file is new.
 * @throws StorageError DATABASE_TOO_NEW when the file has a migration this program does not know, DATABASE_FOREIGN when
 * it holds tables of another program.
 */
export async function migrate(
  session: Session,
  path: string,
  keepBefore: ((copyPath: string) => Promise<void>) | null,
): Promise<void> {
  const migrations = readMigrations();
  const applied = await appliedVersion(session, path);
  requireKnown(applied, migrations.length, path);
  if (applied === null) {
    // A new file holds nothing that one step could lock for the next, and a disk's round for each step is half a second.
    await inTransaction(session, async () => {
      await session.run(createHistory);
      for (const migration of migrations) await apply(session, migration);
    });
    return;
  }
  if (applied < migrations.length) await keepBefore?.(pathBeforeMigration(path, applied));
  for (const migration of migrations.slice(applied)) await inTransaction(session, () => apply(session, migration));
}

/** Schema version that this program brings a database to. */
export function latestSchemaVersion(): number {
  return readMigrations().length;
}

/** @throws StorageError when the file's schema is not exactly the one of this program; changes nothing. */
export async function requireCurrentSchema(session: Session, path: string): Promise<void> {
  const expected = readMigrations().length;
  const applied = (await appliedVersion(session, path)) ?? 0;
  requireKnown(applied, expected, path);
  if (applied < expected) {
    throw new StorageError(
      'DATABASE_TOO_OLD',
      `cannot read ${path}: expected schema version ${expected}, got ${applied}; bring it up to date with "oikotie run"`,
    );
  }
}

function requireKnown(applied: number | null, known: number, path: string): void {
  if (applied === null || applied <= known) return;
  throw new StorageError(
    'DATABASE_TOO_NEW',
    `cannot open ${path}: expected schema version ${known} or older, got ${applied}; update oikotie`,
  );
}

/** The version the file has, or null when it holds no table at all. */
async function appliedVersion(session: Session, path: string): Promise<number | null> {
  const tables = await session.rows('SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary');
  if (tables.length === 0) return null;
  if (!tables.some((table) => table['table_name'] === 'schema_migrations')) {
    throw new StorageError(
      'DATABASE_FOREIGN',
      `cannot use ${path}: expected a database made by oikotie, got one of another program; set database_path to another file`,
    );
  }
  const [row] = await session.rows('SELECT coalesce(max(version), 0)::INTEGER AS version FROM schema_migrations');
  return Number(row?.['version'] ?? 0);
}

async function inTransaction(session: Session, work: () => Promise<void>): Promise<void> {
  await session.run('BEGIN TRANSACTION');
  try {
    await work();
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK');
    throw error;
  }
}

async function apply(session: Session, { version, name, sql }: Migration): Promise<void> {
  await session.run(sql);
  await session.run("INSERT INTO schema_migrations VALUES ($version, $name, now() AT TIME ZONE 'UTC')", {
    version,
    name,
  });
}

/** The migrations beside this module, in order; their numbers run 1, 2, 3 without a gap. */
function readMigrations(): readonly Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  const names = readdirSync(folder).filter((name) => migrationName.test(name));
  return names.sort().map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) {
      throw new StorageError('MIGRATIONS_BROKEN', `migration ${name}: expected number ${index + 1}, got ${version}`);
    }
    return { version, name, sql: readFileSync(new URL(name, folder), 'utf8') };
  });
}

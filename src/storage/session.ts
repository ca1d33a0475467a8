/**
 * What work inside an open database may do: statements, rows, and appending. It knows nothing of files, locks or turns;
 * database.ts does. Statements with parameters are planned once and kept: planning takes longer than a small batch.
 */
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api';
import type { AuditKey } from '../lineage/audit-key.ts';
import type { AppendTarget } from './append.ts';
import { createAppends } from './append.ts';

/** A plan is made for the sizes the tables have at that time, so it is made anew after this many uses. */
const usesOfPlan = 100;
/** Statements kept at most; the one used longest ago goes first. */
const keptStatements = 64;

/** Values of the named parameters of a statement. */
type Parameters = Readonly<Record<string, DuckDBValue>>;

/** What work inside the database may do. Valid only until that work is done. */
export interface Session {
  readonly connection: DuckDBConnection;
  /** What new audit events are sealed with; null for a plain hash. */
  readonly auditKey: AuditKey | null;
  readonly run: (sql: string, parameters?: Parameters) => Promise<void>;
  /**
   * As `run`, and the plan is let go at once: DuckDB keeps with a plan what its last use has taken, which is 6 to 11 MB for
   * an INSERT … ON CONFLICT DO UPDATE, however few rows it had.
   */
  readonly runOnce: (sql: string, parameters?: Parameters) => Promise<void>;
  /** All rows, as DuckDB's own values: to be read by a schema. */
  readonly rows: (sql: string, parameters?: Parameters) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Appends rows given as columns, all of the same length. */
  readonly append: (table: AppendTarget, columns: readonly (readonly DuckDBValue[])[]) => Promise<void>;
}

/** A session on the connection; the caller keeps both alive and in order. */
export function createSession(connection: DuckDBConnection, auditKey: AuditKey | null = null): Session {
  const planned = createPlans(connection);
  return {
    connection,
    auditKey,
    run: async (sql, parameters) => {
      if (parameters === undefined) await connection.run(sql);
      else await (await planned(sql, parameters)).run();
    },
    runOnce: async (sql, parameters = {}) => {
      const statement = await connection.prepare(sql);
      try {
        statement.bind({ ...parameters });
        await statement.run();
      } finally {
        statement.destroySync();
      }
    },
    rows: async (sql, parameters) => {
      const answer =
        parameters === undefined ? connection.runAndReadAll(sql) : (await planned(sql, parameters)).runAndReadAll();
      return (await answer).getRowObjects();
    },
    append: createAppends(connection),
  };
}

/** Gives the statement of a text with its parameters bound, planned before where it can be. */
function createPlans(connection: DuckDBConnection) {
  const plans = new Map<string, { readonly statement: DuckDBPreparedStatement; uses: number }>();

  const forget = (sql: string) => {
    plans.get(sql)?.statement.destroySync();
    plans.delete(sql);
  };

  return async (sql: string, parameters: Parameters): Promise<DuckDBPreparedStatement> => {
    const known = plans.get(sql);
    if (known !== undefined && known.uses >= usesOfPlan) forget(sql);
    const plan = plans.get(sql) ?? { statement: await connection.prepare(sql), uses: 0 };
    plan.uses++;
    plans.delete(sql);
    plans.set(sql, plan);
    const [oldest] = plans.keys();
    if (plans.size > keptStatements && oldest !== undefined) forget(oldest);
    plan.statement.bind({ ...parameters });
    return plan.statement;
  };
}

/**
 * What the debug bundle asks the database: runs, receipts, failures, audit events, sizes. No column of a listing but its id.
 */
/** @param since ISO 8601 UTC, our own text. */
export function bundleQueries(since: string): Readonly<Record<string, string>> {
  return {
    executions: `FROM executions WHERE started_at >= TIMESTAMP '${since}' ORDER BY started_at DESC LIMIT 200`,
    receipts: `FROM city_executions WHERE started_at >= TIMESTAMP '${since}' ORDER BY started_at DESC LIMIT 2000`,
    failures: `SELECT execution_id, city, job_kind, category, code, count(*) AS failures, min(failed_at) AS first_at,
        max(failed_at) AS last_at, any_value(message) AS example
      FROM failed_listings WHERE failed_at >= TIMESTAMP '${since}' GROUP BY ALL ORDER BY last_at DESC LIMIT 500`,
    audit: `SELECT occurred_at, type, severity, execution_id, city, node_id, message
      FROM audit_log WHERE occurred_at >= TIMESTAMP '${since}' ORDER BY occurred_at DESC LIMIT 2000`,
    tables: `SELECT table_name, estimated_size AS rows, column_count FROM duckdb_tables()
      WHERE NOT temporary ORDER BY table_name`,
  };
}

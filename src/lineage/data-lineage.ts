/**
 * One change of a stored row and where it came from: the link from a row back to the response and the code that made it.
 */
export const lineageOperations = ['INSERT', 'UPDATE', 'DELETE'] as const;
export type LineageOperation = (typeof lineageOperations)[number];

export interface DataLineageEntry {
  /** Table of the row, e.g. `listings`. */
  readonly tableName: string;
  /** Its key as text, e.g. the listing id. */
  readonly recordId: string;
  /** DELETE also for a row that stays and is marked as gone. */
  readonly operation: LineageOperation;
  /** Where the data is from, e.g. the host that answered. */
  readonly dataSource: string;
  readonly executionId: string;
  /** What made the row of the data, with its version, e.g. `listing-page/1`. */
  readonly transformation: string;
  /** 0 to 1; null when it was not judged. */
  readonly qualityScore: number | null;
  /** Null when no request led to it. */
  readonly requestUrl: string | null;
  /** HTTP status. */
  readonly status: number | null;
  /** ISO 8601 UTC. */
  readonly fetchedAtUtc: string | null;
  /** SHA-256 of the response body, hex. */
  readonly responseSha256: string | null;
  readonly nodeId: string;
}

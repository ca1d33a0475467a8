/**
 * The words in which tables and columns are described. It describes none itself.
 */
export type ColumnType =
  | 'VARCHAR'
  | 'INTEGER'
  | 'BIGINT'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIMESTAMP'
  | 'JSON'
  | 'VARCHAR[]';

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: string | null;
  readonly meaning: string;
  readonly source: string;
}

export interface TableSpec {
  readonly name: string;
  readonly meaning: string;
  readonly primaryKey: readonly string[];
  readonly columns: readonly ColumnSpec[];
  /** It is computed from tables when it is asked; by default not. */
  readonly isView?: boolean;
}

const column = (type: ColumnType, unit: string | null) => (name: string, meaning: string, source: string) => ({
  name,
  type,
  unit,
  meaning,
  source,
});
export const text = column('VARCHAR', null);
export const flag = column('BOOLEAN', null);
export const utc = column('TIMESTAMP', 'UTC');
export const count = column('INTEGER', 'count');
export const share = column('DOUBLE', '0 to 1');
export const json = column('JSON', null);
export const ids = column('VARCHAR[]', null);
export const number = (type: ColumnType, unit: string, name: string, meaning: string, source: string): ColumnSpec =>
  column(type, unit)(name, meaning, source);

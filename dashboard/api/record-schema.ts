/** The shapes of rows, made from what the tables say of their columns, so that no field is described twice. */
import { z } from 'zod';
import type { RecordSource } from '../../src/storage/records.ts';
import { recordNameOf } from '../../src/storage/records.ts';
import type { ColumnSpec, ColumnType } from '../../src/storage/table-spec.ts';

export const utcSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
export const daySchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const editionSchema = z
  .object({ version: z.string(), publishedAtUtc: utcSchema })
  .meta({ description: 'The snapshot that the answer was read from' });

/** A row of the source. */
export function recordSchema({ columns, key, required }: Pick<RecordSource, 'columns' | 'key' | 'required'>) {
  const isAlways = ({ name }: ColumnSpec) => key.includes(name) || required.includes(name);
  const fields = columns.map((column) => {
    const value = valueSchema(column.type);
    const schema = isAlways(column) ? value : value.nullable();
    return [recordNameOf(column), schema.meta({ description: descriptionOf(column) })] as const;
  });
  return z.object(Object.fromEntries(fields));
}

function valueSchema(type: ColumnType): z.ZodType {
  switch (type) {
    case 'VARCHAR':
      return z.string();
    case 'INTEGER':
    case 'BIGINT':
      return z.int();
    case 'DOUBLE':
      return z.number();
    case 'BOOLEAN':
      return z.boolean();
    case 'DATE':
      return daySchema;
    case 'TIMESTAMP':
      return utcSchema;
    case 'JSON':
      return z.unknown();
    case 'VARCHAR[]':
      return z.array(z.string());
  }
}

function descriptionOf({ meaning, unit, source }: ColumnSpec): string {
  return `${meaning}${unit === null ? '' : ` [${unit}]`}. From: ${source}`;
}

/**
 * Whether an unknown value is a listing record: every field of the contract, of its type, and nothing else. It reads the
 * field table, so it cannot drift from it; a schema library costs ten times as much, which counts once per listing.
 */
import type { FieldSpec, FieldType, ListingRecord } from './fields.ts';
import { dealTypes, listingFieldNames, listingFields, requiredFields } from './fields.ts';

const neverNull: ReadonlySet<string> = new Set(requiredFields);

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

const isOfType: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && dayPattern.test(value),
  timestamp: (value) => typeof value === 'string' && instantPattern.test(value),
  json: (value) => isObject(value) && Object.values(value).every((each) => typeof each === 'string'),
};

/** What is wrong with the value as a record, in words; null when nothing is. */
export function problemOfRecord(value: unknown): string | null {
  if (!isObject(value)) return `expected a listing record, got ${typeof value}`;
  for (const name of listingFieldNames) {
    const problem = problemOfField(name, listingFields[name], value[name]);
    if (problem !== null) return problem;
  }
  const unknownField = Object.keys(value).find((name) => !Object.hasOwn(listingFields, name));
  return unknownField === undefined ? null : `${unknownField}: expected a field of the contract, got another`;
}

/** Narrows an unknown value to a record. */
export function isListingRecord(value: unknown): value is ListingRecord {
  return problemOfRecord(value) === null;
}

function problemOfField(name: string, { type }: FieldSpec, value: unknown): string | null {
  if (value === null && !neverNull.has(name)) return null;
  if (!isOfType[type](value)) return `${name}: expected ${type}, got ${JSON.stringify(value)?.slice(0, 100)}`;
  const isDealType = name !== 'dealType' || dealTypes.some((dealType) => dealType === value);
  return isDealType ? null : `dealType: expected ${dealTypes.join(' or ')}, got ${String(value)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What an answer of the interface for programs is: its path, its parameters, the scope it needs, the shape of what it gives,
 * and how that is read. The router, the OpenAPI document and the page about it are all made from these.
 */
import { z } from 'zod';
import { toUtcIso } from '../../src/clock.ts';
import type { Database } from '../../src/storage/database.ts';
import type { Edition } from '../../src/storage/published-series.ts';
import type { FilterValue, RecordSource } from '../../src/storage/records.ts';
import { readRecordLines, readRecords } from '../../src/storage/records.ts';
import type { Scope } from '../auth/tokens.ts';
import type { Dashboard } from '../dashboard.ts';
import type { Cursors } from './cursor.ts';
import type { ParameterSet, ValuesOf } from './parameters.ts';
import { choiceParameter, flagParameter, textParameter, wholeNumberParameter } from './parameters.ts';
import { ApiProblem } from './problem.ts';
import { editionSchema, recordSchema } from './record-schema.ts';

/** Rows of a page when the question does not say, and at most. */
const usualLimit = 100;
const mostRows = 1_000;
const rowsOfExport = 2_048;
const longestCursor = 2_000;

/** What answers are read from. */
export interface ApiSources {
  readonly dashboard: Dashboard;
  readonly cursors: Cursors;
}

export interface Question extends ApiSources {
  /** Path and query as they were asked for, without the cursor; a later page adds its own. */
  readonly address: string;
  readonly nowMs: number;
}

/** A question to the snapshot. */
interface SeriesQuestion extends Question {
  readonly database: Database;
  readonly edition: Edition;
}

/** JSON text, and where it goes on. */
export interface Answer {
  readonly text: string;
  readonly next: string | null;
}

export interface ApiRoute {
  /** Unique; `operationId` of the document. */
  readonly name: string;
  /** Below /api/v1, with `:name` for what stands in it. */
  readonly path: string;
  readonly scope: Scope;
  readonly group: string;
  readonly summary: string;
  readonly inPath: ParameterSet;
  readonly inQuery: ParameterSet;
  readonly answer: z.ZodType;
  /** What the rows of a list are; null where the answer is none. */
  readonly rows: RecordSource | null;
  /** From the snapshot: then the answer is the same as long as the snapshot is. */
  readonly fromSeries: ((values: RawValues, question: SeriesQuestion) => Promise<Answer>) | null;
  readonly fromElsewhere: ((question: Question) => Promise<Answer>) | null;
  /** All rows as lines of JSON; null where there is no such export. */
  readonly lines: ((values: RawValues, database: Database) => AsyncIterable<string>) | null;
}

interface RawValues {
  readonly inPath: Readonly<Record<string, unknown>>;
  readonly inQuery: Readonly<Record<string, unknown>>;
}

type Described = Pick<ApiRoute, 'name' | 'path' | 'scope' | 'group' | 'summary'>;

interface SeriesParts<Path extends ParameterSet, Query extends ParameterSet> extends Described {
  readonly inPath: Path;
  readonly inQuery: Query;
  /** Fields beside `edition`. */
  readonly answer: z.ZodRawShape;
  readonly read: (
    values: { readonly inPath: Required<ValuesOf<Path>>; readonly inQuery: ValuesOf<Query> },
    question: SeriesQuestion,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

/** An answer with one value, read from the snapshot. */
export function seriesRoute<Path extends ParameterSet, Query extends ParameterSet>(
  parts: SeriesParts<Path, Query>,
): ApiRoute {
  const { read, answer, ...described } = parts;
  return {
    ...described,
    answer: z.object({ edition: editionSchema, ...answer }),
    rows: null,
    fromSeries: async (values, question) => {
      // The values were read by the parameters of the same names, which the compiler cannot follow.
      const body = await read(values as Parameters<typeof read>[0], question);
      return { text: JSON.stringify({ edition: editionOf(question.edition), ...body }), next: null };
    },
    fromElsewhere: null,
    lines: null,
  };
}

/** An answer that is not read from the snapshot and takes no parameters. */
export function otherRoute(
  parts: Described & { readonly answer: z.ZodType; readonly read: (question: Question) => Promise<unknown> },
): ApiRoute {
  const { read, ...described } = parts;
  return {
    ...described,
    inPath: {},
    inQuery: {},
    rows: null,
    fromSeries: null,
    fromElsewhere: async (question) => ({ text: JSON.stringify(await read(question)), next: null }),
    lines: null,
  };
}

interface PageParts<Path extends ParameterSet> extends Described {
  readonly inPath: Path;
  /** Filters of the source, by its names. */
  readonly filters: ParameterSet;
  readonly source: RecordSource;
  /** Another source for some values, e.g. for those of the past, and what its rows are. */
  readonly otherSource?: {
    readonly source: RecordSource;
    readonly isMeant: (filters: RawValues['inQuery']) => boolean;
  };
  /** Filters that the source always needs. */
  readonly always?: (question: SeriesQuestion) => Readonly<Record<string, FilterValue>>;
  readonly hasLines?: boolean;
}

/** A page of rows with the address of the next one. */
export function pageRoute<Path extends ParameterSet>(parts: PageParts<Path>): ApiRoute {
  const { filters, source, otherSource, always, hasLines = false, ...described } = parts;
  const items = z.array(recordSchema(source));
  const isOther = (values: RawValues) => otherSource?.isMeant(values.inQuery) === true;
  const sourceOf = (values: RawValues) => (isOther(values) && otherSource !== undefined ? otherSource.source : source);
  return {
    ...described,
    inQuery: { ...filters, ...pageParameters(source) },
    answer: z.object({
      edition: editionSchema,
      items: otherSource === undefined ? items : z.union([items, z.array(recordSchema(otherSource.source))]),
      total: z.int().nullable().meta({ description: 'Rows on all pages; null unless count=true' }),
      next: z.string().nullable().meta({ description: 'Path and query of the next page; null after the last one' }),
    }),
    rows: source,
    fromSeries: async (values, question) => {
      const chosen = sourceOf(values);
      const { cursor, sort, limit, count, ...given } = pageValues.parse(values.inQuery);
      requireFilters(chosen, given);
      const asked = addressWithout(question.address, ['cursor', 'limit', 'count']);
      const page = await readRecords(question.database, chosen, {
        filters: { ...always?.(question), ...filtersOf({ ...values.inPath, ...given }) },
        order: sort,
        limit: limit ?? usualLimit,
        isCounted: count ?? false,
        after: cursor === undefined ? undefined : question.cursors.read(asked, cursor),
      });
      const next = page.next === null ? null : withCursor(question, question.cursors.write(asked, page.next));
      const edition = JSON.stringify(editionOf(question.edition));
      const rest = `"total":${page.total},"next":${JSON.stringify(next)}`;
      return { text: `{"edition":${edition},"items":[${page.lines.join(',')}],${rest}}`, next };
    },
    fromElsewhere: null,
    lines: hasLines
      ? (values, database) => {
          const ofPages = ['sort', 'limit', 'cursor', 'count'].find((name) => values.inQuery[name] !== undefined);
          if (ofPages !== undefined) {
            const expected = 'expected filters only where all rows are sent as lines';
            throw new ApiProblem('invalid-parameter', `${ofPages}: ${expected}; leave it out`);
          }
          requireFilters(sourceOf(values), values.inQuery);
          const question = { filters: filtersOf(values.inQuery), rowsAtOnce: rowsOfExport };
          return readRecordLines(database, sourceOf(values), question);
        }
      : null,
  };
}

const pageValues = z.looseObject({
  cursor: z.string().optional(),
  sort: z.string().optional(),
  limit: z.number().optional(),
  count: z.boolean().optional(),
});
const filterValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).optional());

function filtersOf(values: Readonly<Record<string, unknown>>) {
  return filterValues.parse(values);
}

function pageParameters({ orders }: RecordSource): ParameterSet {
  const names = Object.keys(orders);
  const meaning = Object.entries(orders).map(([name, order]) => `${name}: ${order.meaning}`);
  return {
    sort: choiceParameter(`Order of the rows; ${meaning.join('; ')}. By default ${names[0]}`, names),
    limit: wholeNumberParameter(`Rows at most; by default ${usualLimit}`, 1, mostRows),
    cursor: textParameter('Where the page before ended, from its `next`', longestCursor),
    count: flagParameter('Count the rows on all pages; by default false'),
  };
}

/** @throws ApiProblem for a filter that only the other source has, e.g. one of the present when the past is asked for. */
function requireFilters({ filters }: RecordSource, given: Readonly<Record<string, unknown>>): void {
  const name = Object.keys(given).find((each) => !Object.hasOwn(filters, each));
  if (name === undefined) return;
  throw new ApiProblem('invalid-parameter', `${name}: expected no such filter beside the others; leave it out`);
}

/** What was asked for, whatever the order of its parameters, without these. */
function addressWithout(address: string, names: readonly string[]): string {
  const url = new URL(address, 'http://own.invalid');
  for (const name of names) url.searchParams.delete(name);
  url.searchParams.sort();
  return `${url.pathname}${url.search}`;
}

function withCursor({ address }: Question, cursor: string): string {
  const url = new URL(address, 'http://own.invalid');
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
}

function editionOf({ version, publishedAtMs }: Edition) {
  return { version, publishedAtUtc: toUtcIso(publishedAtMs) };
}

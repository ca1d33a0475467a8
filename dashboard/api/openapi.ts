/** The OpenAPI 3.1 document, made from the routes: what they take and give is described nowhere else. */
import { z } from 'zod';
import type { ParameterSet } from './parameters.ts';
import { problemKinds } from './problem.ts';
import type { ApiRoute } from './route.ts';

const schemaAddress = (name: string) => `#/components/schemas/${name}`;

const problemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string(), instance: z.string() })
  .meta({ description: 'RFC 9457' });

/** @param version of the program */
export function openApiDocument(routes: readonly ApiRoute[], version: string) {
  return {
    openapi: '3.1.1',
    info: {
      title: 'oikotie',
      version,
      description:
        'Housing listings collected day by day, and how complete each day is. Times are ISO 8601 UTC, days are those of Helsinki, ' +
        'money is in euros, a value that is not known is null.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(routes.map(({ group }) => group))].map((name) => ({ name })),
    paths: Object.fromEntries(routes.map((route) => [documentPath(route.path), { get: operationOf(route) }])),
    components: {
      schemas: schemasOf(routes),
      responses: { Problem: problemResponse },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'From `oikotie dashboard token`' },
        session: { type: 'apiKey', in: 'cookie', name: 'oikotie_session', description: 'Of who has signed in' },
      },
    },
  };
}

const problemResponse = {
  description: 'What went wrong',
  content: { 'application/problem+json': { schema: { $ref: schemaAddress('Problem') } } },
};

/** `/listings/:listingId` -> `/listings/{listingId}` */
export function documentPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function operationOf(route: ApiRoute) {
  const problems = [400, 401, 403, 404, 429, 500, 503].map((status) => [status, problemReference]);
  const isOfSeries = route.fromSeries !== null;
  return {
    operationId: route.name,
    tags: [route.group],
    summary: route.summary,
    description: `Needs the scope \`${route.scope}\`.`,
    security: [{ token: [] }, { session: [] }],
    parameters: [...parametersOf(route.inPath, 'path'), ...parametersOf(route.inQuery, 'query')],
    responses: {
      200: {
        description: 'The answer',
        headers: isOfSeries ? { ETag: { description: 'Changes with the snapshot', schema: { type: 'string' } } } : {},
        content: {
          'application/json': { schema: { $ref: schemaAddress(schemaNameOf(route)) } },
          ...(route.lines === null ? {} : { 'application/x-ndjson': { schema: { type: 'string' } } }),
        },
      },
      ...(isOfSeries ? { 304: { description: 'As it was for this If-None-Match' } } : {}),
      ...Object.fromEntries(problems),
    },
  };
}

const problemReference = { $ref: '#/components/responses/Problem' };

function parametersOf(set: ParameterSet, place: 'path' | 'query') {
  return Object.entries(set).map(([name, { schema, meaning }]) => ({
    name,
    in: place,
    required: place === 'path',
    description: meaning,
    schema: plain(z.toJSONSchema(schema)),
  }));
}

/** `listListings` -> `ListListingsAnswer` */
function schemaNameOf({ name }: Pick<ApiRoute, 'name'>): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Answer`;
}

function schemasOf(routes: readonly ApiRoute[]) {
  const registry = z.registry<{ id: string }>();
  registry.add(problemSchema, { id: 'Problem' });
  for (const route of routes) registry.add(route.answer, { id: schemaNameOf(route) });
  const { schemas } = z.toJSONSchema(registry, { uri: schemaAddress, io: 'input' });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema)]));
}

/** Without the words that say where a schema lies on its own: here it is part of a document. */
function plain({ $schema, $id, ...schema }: Readonly<Record<string, unknown>>) {
  return schema;
}

/** Kinds of problems by name, for the page about the interface. */
export const problemList = Object.entries(problemKinds).map(([kind, facts]) => ({ kind, ...facts }));

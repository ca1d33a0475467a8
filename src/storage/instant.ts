/** How a time comes out of a query: asked for as epoch milliseconds, read as ISO 8601 UTC. */
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';

export const instant = z.number().transform(toUtcIso);
export const nullableInstant = instant.nullable();

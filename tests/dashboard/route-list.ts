/** The routes that an application really has, read from its router: what a test says of every route holds for new ones. */
import type { Express } from 'express';
import { z } from 'zod';

export interface Route {
  /** In upper case, e.g. `GET`. */
  readonly method: string;
  /** With `:name` for what stands in it. */
  readonly path: string;
}

const pathShape = z.union([z.string(), z.array(z.string())]);
const layerShape = z.looseObject({ rawPath: z.unknown(), route: z.unknown(), handle: z.unknown() });
const routeShape = z.looseObject({ path: pathShape, methods: z.record(z.string(), z.boolean()) });
const routerShape = z.looseObject({ stack: z.array(layerShape) });

/** Routes in the order they are asked; what only looks at requests is none. */
export function listRoutes(app: Express): readonly Route[] {
  return routesOf(app.router, '');
}

function routesOf(router: unknown, mountedAt: string): readonly Route[] {
  const stack = routerShape.safeParse(stackOf(router)).data?.stack ?? [];
  return stack.flatMap(({ rawPath, route, handle }) => {
    const found = routeShape.safeParse(route).data;
    if (found !== undefined) {
      const methods = Object.keys(found.methods).map((method) => (method === '_all' ? 'GET' : method.toUpperCase()));
      return [found.path].flat().flatMap((path) => methods.map((method) => ({ method, path: join(mountedAt, path) })));
    }
    const paths = [pathShape.safeParse(rawPath).data ?? '/'].flat();
    return paths.flatMap((path) => routesOf(handle, join(mountedAt, path)));
  });
}

/** A router is a function that has a stack. */
function stackOf(router: unknown): unknown {
  return typeof router === 'function' && 'stack' in router ? { stack: router.stack } : router;
}

function join(mountedAt: string, path: string): string {
  const joined = `${mountedAt}${path}`.replaceAll(/\/{2,}/g, '/');
  return joined.length > 1 ? joined.replace(/\/$/, '') : joined;
}

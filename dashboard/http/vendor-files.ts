/** Files of packages that a browser loads: exactly these, under names of our own. Nothing else of node_modules is served. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';

/** Name below /assets/vendor: package, and the file in it. */
const files = {
  'uplot.js': ['uplot', 'dist/uPlot.esm.js'],
  'uplot.css': ['uplot', 'dist/uPlot.min.css'],
  'leaflet.js': ['leaflet', 'dist/leaflet.js'],
  'leaflet.css': ['leaflet', 'dist/leaflet.css'],
} as const;

const ageMs = 86_400_000;

/** Routes `/assets/vendor`. */
export function vendorFiles(): Router {
  const router = Router();
  const { resolve } = createRequire(import.meta.url);
  for (const [name, [packageName, path]] of Object.entries(files)) {
    const root = dirname(resolve(`${packageName}/package.json`));
    router.get(`/${name}`, (_request, response) => response.sendFile(join(root, path), { maxAge: ageMs }));
  }
  return router;
}

/**
 * Whether the data sets of `geospatial_sources` are there: `<folder>/<source>.geojson`, each a GeoJSON FeatureCollection
 * (RFC 7946). It only looks; it downloads nothing and changes nothing.
 */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem } from '../file-problem.ts';

export interface GeodataProblem {
  readonly source: string;
  readonly path: string;
  /** What is wrong, in words. */
  readonly reason: string;
}

/** Largest file that is read whole, in bytes; of a larger one only head and tail are looked at. */
const wholeBytes = 16 * 1_048_576;
const endBytes = 65_536;

/** The sources that are missing or broken, each once; `directory` is the configured folder. */
export async function checkGeodata(directory: string, sources: readonly string[]): Promise<readonly GeodataProblem[]> {
  const problems: GeodataProblem[] = [];
  for (const source of new Set(sources)) {
    const path = join(directory, `${source}.geojson`);
    const reason = await problemOf(path);
    if (reason !== null) problems.push({ source, path, reason });
  }
  return problems;
}

async function problemOf(path: string): Promise<string | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? `there is no ${path}` : `cannot read ${path}: ${fileProblem(error)}`;
  }
  try {
    const { size } = await file.stat();
    const fault = size > wholeBytes ? await faultOfEnds(file, size) : faultOfText(await file.readFile('utf8'));
    return fault === null ? null : `${path}: expected a GeoJSON FeatureCollection, got ${fault}`;
  } catch (error) {
    return `cannot read ${path}: ${fileProblem(error)}`;
  } finally {
    await file.close();
  }
}

/** What the text is instead of a FeatureCollection; null when it is one. */
function faultOfText(text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'text that is not JSON';
  }
  if (!isObject(value) || value['type'] !== 'FeatureCollection') return 'something else';
  const { features } = value;
  if (!Array.isArray(features)) return 'one without a list of features';
  const broken = features.findIndex((feature: unknown) => !isFeature(feature));
  return broken === -1 ? null : `one whose feature ${broken} has no type Feature or no geometry`;
}

function isFeature(feature: unknown): boolean {
  if (!isObject(feature) || feature['type'] !== 'Feature') return false;
  const { geometry } = feature;
  return geometry === null || (isObject(geometry) && typeof geometry['type'] === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A file that broke off, or is of another kind, shows it at its ends. */
async function faultOfEnds(file: FileHandle, size: number): Promise<string | null> {
  const read = async (position: number) => {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(endBytes), position });
    return buffer.toString('utf8', 0, bytesRead);
  };
  const head = await read(0);
  const tail = await read(size - endBytes);
  const hasType = /"type"\s*:\s*"FeatureCollection"/.test(head + tail);
  if (!/^\uFEFF?\s*\{/.test(head) || !hasType) return 'something else';
  return /\}\s*$/.test(tail) ? null : 'a file that breaks off';
}

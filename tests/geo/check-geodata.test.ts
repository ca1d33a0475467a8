import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkGeodata } from '../../src/geo/check-geodata.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-geo-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function reasonOf(text: string): Promise<string | null> {
  writeFileSync(join(folder, 'source.geojson'), text);
  const [problem] = await checkGeodata(folder, ['source']);
  return problem?.reason ?? null;
}

const point = { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [24.9, 60.2] } };

/** A file too large to be read whole: an opening, a hole of zero bytes, an end. */
function writeLarge(head: string, tail: string): void {
  const bytes = 17 * 1_048_576;
  const file = openSync(join(folder, 'large.geojson'), 'w');
  ftruncateSync(file, bytes);
  writeSync(file, head, 0);
  writeSync(file, tail, bytes - Buffer.byteLength(tail));
  closeSync(file);
}

describe('a geospatial source', () => {
  it('is there when its file is a FeatureCollection', async () => {
    expect(await reasonOf(JSON.stringify({ type: 'FeatureCollection', features: [point] }))).toBeNull();
    expect(await reasonOf('{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}')).toBeNull();
  });

  it.each([
    ['{"type":"FeatureCollection","features":[', 'text that is not JSON'],
    ['[]', 'something else'],
    ['{"type":"Feature","geometry":null}', 'something else'],
    ['{"type":"FeatureCollection"}', 'one without a list of features'],
    ['{"type":"FeatureCollection","features":[{"type":"Point"}]}', 'feature 0 has no type Feature or no geometry'],
  ])('is broken when its file holds %s', async (text, reason) => {
    expect(await reasonOf(text)).toContain(`expected a GeoJSON FeatureCollection, got`);
    expect(await reasonOf(text)).toContain(reason);
  });

  it('is missing without a file, and said once however many cities want it', async () => {
    const problems = await checkGeodata(folder, ['osm_buildings', 'osm_buildings']);

    const path = join(folder, 'osm_buildings.geojson');
    expect(problems).toEqual([{ source: 'osm_buildings', path, reason: `there is no ${path}` }]);
  });

  it('that is too large to be read whole is judged by its ends', async () => {
    writeLarge('{ "type": "FeatureCollection", "features": [', ']}\n');
    expect(await checkGeodata(folder, ['large'])).toEqual([]);

    writeLarge('{ "type": "FeatureCollection", "features": [', '{"type":"Fea');
    expect(await checkGeodata(folder, ['large'])).toMatchObject([
      { reason: expect.stringContaining('got a file that breaks off') },
    ]);
  });
});

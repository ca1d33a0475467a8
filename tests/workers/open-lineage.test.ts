/** What a catalogue is told of a run, and that a run never waits for one. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';

let close: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const each of close) await each();
  close = [];
});

async function rigWith(lineage: object): Promise<Rig> {
  const rig = await createRig({ helsinki: 4, globalSettings: { lineage } });
  close.push(rig.close);
  return rig;
}

/** A collector that answers with a status and keeps what it was sent. */
async function startCollector(status: number) {
  const bodies: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      bodies.push(body);
      authorizations.push(request.headers.authorization);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { bodies, authorizations, url: `http://me:s%21cret@127.0.0.1:${port}/api/v1/lineage` };
}

interface RunEvent {
  readonly eventType: string;
  readonly job: { readonly name: string };
  readonly run: { readonly runId: string; readonly facets: object };
}

describe('OpenLineage run events', () => {
  it('say when a run and its cities begin and end, to a file and to a URL alike', async () => {
    const collector = await startCollector(201);
    const rig = await rigWith({ openlineage_url: collector.url });
    const file = join(rig.config.logsDirectory ?? '', '..', 'lineage', 'events.ndjson');
    const config = { ...rig.config, lineage: { ...rig.config.lineage, openLineageFile: file } };

    const result = await rig.run({ config });

    expect(result).toMatchObject({ status: 'completed', missingParts: [] });
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(collector.bodies).toEqual(lines);
    expect(new Set(collector.authorizations)).toEqual(
      new Set([`Basic ${Buffer.from('me:s!cret').toString('base64')}`]),
    );
    const events = lines.map((line) => JSON.parse(line) as RunEvent); // or the next lines fail
    expect(events.map(({ eventType, job }) => `${eventType} ${job.name}`)).toEqual([
      ...['START run', 'START run.Helsinki', 'COMPLETE run.Helsinki', 'COMPLETE run'],
    ]);
    const [start, cityStart, cityEnd, end] = events;
    expect([start?.run.runId, cityStart?.run.runId]).toEqual([end?.run.runId, cityEnd?.run.runId]);
    for (const { run } of events) {
      expect(run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(cityEnd).toMatchObject({
      run: { facets: { parent: { run: { runId: start?.run.runId } } } },
      inputs: [{ namespace: 'https://asunnot.oikotie.fi', name: 'Helsinki' }],
      outputs: [{ outputFacets: { outputStatistics: { rowCount: 4 } } }],
    });
  });

  it('are a missing part when nobody takes them, and the run loses nothing', async () => {
    const collector = await startCollector(503);
    const rig = await rigWith({ openlineage_url: collector.url });

    const result = await rig.run();

    expect(result).toMatchObject({
      status: 'degraded',
      new: 4,
      successfulCities: 1,
      missingParts: [{ part: 'openlineage', reason: 'its URL answers with status 503' }],
    });
    expect(collector.bodies).toHaveLength(1);
  });
});

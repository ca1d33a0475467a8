import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParseOptions } from '../../cli/parse.ts';
import { runParse } from '../../cli/parse.ts';
import { listingPage, pageUrl } from '../portal/page-builder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oikotie-parse-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly exitCode: number;
  readonly output: unknown;
  readonly stderr: string;
}

async function run(options: ParseOptions): Promise<Outcome> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await runParse(options, { stdout, stderr, signal: new AbortController().signal });
  const printed: unknown = stdout.read()?.toString();
  return {
    exitCode,
    output: typeof printed === 'string' ? JSON.parse(printed) : null,
    stderr: String(stderr.read() ?? ''),
  };
}

async function fileWith(text: string): Promise<string> {
  const path = join(folder, 'input');
  await writeFile(path, text);
  return path;
}

const searchPage =
  `<html><head><title>Myytävät asunnot 12 kpl</title><meta name="api-token" content="${'a'.repeat(64)}">` +
  `<meta name="loaded" content="1765715199"><meta name="cuid" content="${'b'.repeat(40)}"></head><body></body></html>`;

describe('oikotie parse', () => {
  it.each([
    ['search-page', 'search_page', searchPage],
    ['search-response', 'cards', '{"found":0,"start":0,"cards":[]}'],
    ['listing-page', 'listing', listingPage()],
    ['location-response', 'locations', '[]'],
    ['robots', 'robots', '# hei\nUser-agent: *\nDisallow: /api/\n'],
  ])('tells a %s by its content', async (input, kind, text) => {
    const { exitCode, output } = await run({ source: await fileWith(text) });

    expect(output).toMatchObject({ input, kind });
    expect(exitCode).toBe(0);
  });

  it('prints the record and the issues of a listing page', async () => {
    const { output } = await run({ source: await fileWith(listingPage({ dealType: 'rent' })), city: 'Espoo' });

    expect(output).toMatchObject({
      parser: 'listing-page/1',
      record: { listingId: '71000001', dealType: 'rent', city: 'Espoo', rentEurMonth: 656.67 },
      issues: [{ code: 'FOREIGN_CITY' }],
    });
  });

  it('reads standard input', async () => {
    const stdin = (async function* () {
      yield '{"found":0,';
      yield Buffer.from('"cards":[]}');
    })();

    expect(await run({ source: '-', stdin })).toMatchObject({ exitCode: 0, output: { kind: 'cards' } });
  });

  it('reads a URL through the fetch it was given', async () => {
    const asked: string[] = [];
    const fetchText = async (url: string) => {
      asked.push(url);
      return listingPage({ namedId: null });
    };

    const { exitCode, output } = await run({ source: pageUrl(), fetchText });

    expect(asked).toEqual([pageUrl()]);
    expect(output).toMatchObject({ kind: 'listing', record: { listingId: '71000001' } });
    expect(exitCode).toBe(0);
  });

  it.each([
    ['{"code":403,"message":"no"}', 'error_envelope'],
    ['<html><body><h1>Access Denied</h1></body></html>', 'blocked'],
    ['hello', 'unknown'],
    ['', 'unknown'],
  ])('ends with 1 for %j', async (text, kind) => {
    const { exitCode, output } = await run({ source: await fileWith(text) });

    expect(output).toMatchObject({ kind });
    expect(exitCode).toBe(1);
  });

  it('ends with 2 and names the file that cannot be read', async () => {
    const { exitCode, output, stderr } = await run({ source: join(folder, 'absent.html') });

    expect(exitCode).toBe(2);
    expect(output).toBeNull();
    expect(stderr).toContain('absent.html');
  });

  it('ends with 2 for a URL when nothing can fetch', async () => {
    expect((await run({ source: pageUrl() })).exitCode).toBe(2);
  });
});

/** Reading pages within limits: a page on which the reader hangs costs one page, not the process. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createPageReader } from '../../workers/page-reader.ts';

const url = 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/23000017';
const context = { url, city: 'Helsinki', card: null, collectsPersonalData: false };
const { signal } = new AbortController();
const endlessThread = new URL('./endless-thread.mjs', import.meta.url);
/** Threads run compiled code, as the program does; `npm test` builds it. */
const realThread = new URL('../../dist/workers/parse-thread.js', import.meta.url);

function setUp(options: { readonly timeoutMs: number; readonly threadFile?: URL }) {
  const reader = createPageReader({ clock: systemClock, ...options });
  onTestFinished(() => reader.close());
  return (html: string, through = signal) => reader.read(html, context, through);
}

/** So long that it is read in the thread. */
const large = (html: string) => html.padEnd(110_000, ' ');

/** The page of a listing, with `more` in it. */
function listingPage(more: string): string {
  const row = (label: string, value: string) => `<dt>${label}</dt><dd>${value}</dd>`;
  const rows = row('Velaton hinta', '199 000 €') + row('Asuinpinta-ala', '45 m²') + row('Sijainti', 'Keksittykatu 1');
  return `<html><body><dl>${rows}</dl>${more}</body></html>`;
}

describe('page reader', () => {
  it('reads an ordinary page without a thread, a large one in it, with the same result', async () => {
    const read = setUp({ timeoutMs: 10_000, threadFile: realThread });

    const ordinary = await read(listingPage(''));
    const big = await read(listingPage(' '.repeat(200_000)));

    expect(ordinary).toMatchObject({ kind: 'listing', record: { priceEur: 199_000, areaM2: 45 } });
    expect(big).toEqual(ordinary);
  });

  it('cuts off a page on which the reader hangs, and reads the next one', async () => {
    const read = setUp({ timeoutMs: 1_000, threadFile: endlessThread });

    const hanging = read(large('hang'));
    const waiting = read(large('next'));

    await expect(hanging).rejects.toMatchObject({ code: 'PARSE_TIMEOUT', category: 'PARSING_ERROR', details: { url } });
    await expect(waiting).resolves.toEqual({ kind: 'unknown', reason: 'read in the thread' });
  });

  it('reads every page in the thread when the limit is shorter than an ordinary page may take', async () => {
    const read = setUp({ timeoutMs: 300, threadFile: endlessThread });

    await expect(read('hang')).rejects.toMatchObject({ code: 'PARSE_TIMEOUT' });
  });

  it('survives a thread that fails, and one that cannot start', async () => {
    const read = setUp({ timeoutMs: 2_000, threadFile: endlessThread });
    const readNowhere = setUp({ timeoutMs: 2_000, threadFile: new URL('./no-such-thread.mjs', import.meta.url) });

    await expect(read(large('throw'))).rejects.toMatchObject({ code: 'PARSE_FAILED', category: 'PARSING_ERROR' });
    await expect(read(large('throw'))).rejects.toThrow('a bug in the reader');
    await expect(read(large('next'))).resolves.toMatchObject({ kind: 'unknown' });
    await expect(readNowhere(large('next'))).rejects.toMatchObject({ code: 'PARSE_FAILED' });
  });

  it('asks nothing of the thread for a job that was stopped', async () => {
    const read = setUp({ timeoutMs: 1_000, threadFile: endlessThread });

    await expect(read(large('hang'), AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    await expect(read(large('next'))).resolves.toMatchObject({ kind: 'unknown' });
  });

  it('reads pages made to be slow within half the usual limit, up to the size that needs no thread', async () => {
    const read = setUp({ timeoutMs: 5_000 });
    const shapes = [
      '<div class="info-table__value">x',
      '<dl><dt>a<dd>x',
      '<div class="paragraph paragraph--keep-formatting">x',
      '<p class="paragraph--keep-formatting"><b>x',
      '<div>x',
      '<',
      '<a b="c" ',
      '<script>otAsunnot={"analytics":{',
      '<!--',
    ];

    for (const shape of shapes) {
      const html = listingPage(shape.repeat(Math.floor(99_500 / shape.length)));
      const startedAt = process.cpuUsage();
      await read(html);
      const { user, system } = process.cpuUsage(startedAt);
      expect.soft((user + system) / 1_000, shape).toBeLessThan(2_500);
    }
  });
});

/**
 * Texts that are hard on a program, in one advertisement each, through all of it: stored as they are, or refused with
 * the reason; the database stays readable and the other listings are not touched.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processTime } from './oikotie-process.ts';
import type { RewritingProxy } from './rewriting-proxy.ts';
import { startRewritingProxy } from './rewriting-proxy.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const paragraphs = /(<p class="paragraph paragraph--keep-formatting">)[^<]*/;

const texts = {
  quotes: `Koti, jonka "nimi" on 'Pihlaja' \`ja\` \\ takana; $1 {{x}} %s`,
  emoji: 'Valoisa 👩‍👩‍👧‍👦 koti 🏡 ja sauna 🧖🏽‍♀️',
  rightToLeft: 'Näkymä \u202eilrem\u202c merelle, \u05e9\u05dc\u05d5\u05dd \u200f',
  sql: `'); DROP TABLE listings; -- " ; DELETE FROM listings WHERE '1'='1`,
  control: 'Piippaa \u0007 ja \u001b[31mpunaista\u001b[0m',
  chapter: `Pitkähkö ${'kuvaus '.repeat(100_000)}loppu`,
  long: `Pitkä ${'kuvaus '.repeat(300_000)}loppu`,
  nul: 'Ennen\u0000jälkeen',
  huge: `Liian pitkä ${'x'.repeat(10_000_000)}`,
};
/** What of a text is kept where it cannot all be. */
const shortened = { nul: 'Ennenjälkeen', long: texts.long.slice(0, 1_000_000).trimEnd() };
type TextName = keyof typeof texts;
const names = Object.keys(texts) as TextName[]; // the keys of the object above

let place: Workplace;
let proxy: RewritingProxy;
let idOf: Readonly<Record<TextName, string>>;
let exitCode: number | null;
let stored: ReadonlyMap<string, Readonly<Record<string, unknown>>>;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

beforeAll(async () => {
  place = await createWorkplace({ helsinki: names.length + 2 });
  const truth = place.simulator.world.truth('Helsinki', 'sale');
  idOf = Object.fromEntries(names.map((name, index) => [name, truth[index]?.listingId])) as typeof idOf;
  proxy = await startRewritingProxy(place.simulator.origin, (path, body) => {
    const name = names.find((each) => path.endsWith(`/${idOf[each]}`));
    return name === undefined ? body : body.replace(paragraphs, (_all, tag) => `${tag}${escaped(texts[name])}`);
  });
  place.configure({ helsinki: names.length + 2, origin: proxy.origin });
  ({ exitCode } = await place.oikotie(['run']));
  const rows = await place.sql('select listing_id, description, issues_json from listings');
  stored = new Map(rows.map((row) => [String(row['listing_id']), row]));
});
afterAll(async () => {
  await proxy.close();
  await place.close();
});

describe('an advertisement with a text of', processTime, () => {
  it.each(['quotes', 'emoji', 'rightToLeft', 'sql', 'control', 'chapter'] as const)(
    '%s is stored as it is',
    async (name) => {
      const row = stored.get(idOf[name]);

      // Not toEqual: a difference of a megabyte would be printed.
      expect(row?.['description'] === texts[name]).toBe(true);
    },
  );

  it.each(['nul', 'long'] as const)('%s is cut to what can be stored, with an issue', async (name) => {
    const row = stored.get(idOf[name]);

    expect(row?.['description'] === shortened[name]).toBe(true);
    expect(row?.['issues_json']).toContainEqual(
      expect.objectContaining({ code: 'TEXT_REFUSED', field: 'description' }),
    );
  });

  it('10 MB is refused with the reason, and the rest is there', async () => {
    const failures = await place.sql('select listing_id, category, code from failed_listings order by listing_id');

    expect(failures).toContainEqual({ listing_id: idOf.huge, category: 'PARSING_ERROR', code: 'BODY_TOO_LARGE' });
    expect(exitCode).toBe(1);
    expect(stored.size + failures.length).toBe(names.length + 2);
  });

  it('control characters drives no terminal through the table', async () => {
    const { stdout } = await place.oikotie([
      'sql',
      `select description from listings where listing_id = '${idOf.control}'`,
    ]);

    expect(stdout).toBe('description\nPiippaa  ja [31mpunaista[0m\n');
  });
});

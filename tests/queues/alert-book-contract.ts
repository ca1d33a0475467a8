/** What every book of alerts promises, whatever keeps it. */
import { describe, expect, it } from 'vitest';
import type { AlertChanges, OpenAlert } from '../../src/alerts/alert.ts';
import { changesOf, keyOf } from '../../src/alerts/alert.ts';
import type { AlertBook } from '../../src/alerts/alert-book.ts';

const atUtc = '2026-11-22T05:00:00.000Z';

function alertOf(subject: string): OpenAlert {
  return { kind: 'city_incomplete', subject, summary: `${subject} is partial`, openedAtUtc: atUtc };
}
const opening = (...cities: string[]): AlertChanges => ({ opened: cities.map(alertOf), resolved: [] });
const resolving = (...cities: string[]): AlertChanges => ({ opened: [], resolved: cities.map(alertOf) });
const told = async (book: AlertBook, channel: string) =>
  (await book.pending(channel)).events.map((event) => `${event.type} ${event.subject}`);

/** @param openBook opens what an earlier book of the same test has kept */
export function describeAlertBook(name: string, openBook: () => AlertBook): void {
  describe(`the book of alerts in ${name}`, () => {
    it('opens and resolves each alert once, over restarts, and has every channel told', async () => {
      const book = openBook();
      await book.apply(opening('Espoo', 'Oulu'), atUtc, ['webhook', 'email']);

      const again = await openBook().apply(opening('Espoo', 'Turku'), atUtc, ['webhook', 'email']);
      const ended = await openBook().apply(resolving('Espoo'), '2026-11-23T05:00:00.000Z', ['webhook', 'email']);
      const endedTwice = await openBook().apply(resolving('Espoo'), atUtc, ['webhook', 'email']);

      expect(again.opened.map(keyOf)).toEqual(['city_incomplete/Turku']);
      expect(ended.resolved.map(keyOf)).toEqual(['city_incomplete/Espoo']);
      expect(endedTwice).toEqual({ opened: [], resolved: [] });
      expect((await openBook().open()).map(({ subject }) => subject).sort()).toEqual(['Oulu', 'Turku']);
      const events = ['opened Espoo', 'opened Oulu', 'opened Turku', 'resolved Espoo'];
      expect(await told(openBook(), 'webhook')).toEqual(events);
      expect(await told(openBook(), 'email')).toEqual(events);
    });

    it('of two that open the same at once has one tell it', async () => {
      const changes = await Promise.all(
        [openBook(), openBook()].map((book) => book.apply(opening('Vaasa'), atUtc, ['webhook'])),
      );

      expect(changes.flatMap(({ opened }) => opened)).toHaveLength(1);
      expect(await told(openBook(), 'webhook')).toEqual(['opened Vaasa']);
    });

    it('counts failures until the events are settled, and keeps what came meanwhile', async () => {
      const book = openBook();
      await book.apply(opening('Lahti'), atUtc, ['ntfy']);
      const counts = [await book.noteFailure('ntfy'), await openBook().noteFailure('ntfy')];
      const before = await openBook().pending('ntfy');
      await book.apply(opening('Kotka'), atUtc, ['ntfy']);

      await book.settle('ntfy', before.events.length);

      expect(counts).toEqual([1, 2]);
      expect(before.attempts).toBe(2);
      expect(await told(openBook(), 'ntfy')).toEqual(['opened Kotka']);
      expect((await openBook().pending('ntfy')).attempts).toBe(0);
    });

    it('lets one tell a channel at a time', async () => {
      let inner: boolean | null = null;
      const outer = await openBook().whileAlone('webhook', async () => {
        inner = await openBook().whileAlone('webhook', async () => {});
      });

      expect([outer, inner]).toEqual([true, false]);
      expect(await openBook().whileAlone('webhook', async () => {})).toBe(true);
    });

    it('has nothing told where no channel is configured, and still knows what is open', async () => {
      await openBook().apply(opening('Rauma'), atUtc, []);

      const open = await openBook().open();

      expect(open).toEqual([alertOf('Rauma')]);
      expect(changesOf({ firing: [], covers: () => true }, open, atUtc).resolved).toEqual([alertOf('Rauma')]);
    });
  });
}

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { aborted, onAbort } from '../../src/crawl/on-abort.ts';

describe('listening to a signal that many wait for', () => {
  it('tells all of them once, in the order they came, and listens no more', () => {
    const controller = new AbortController();
    const told: string[] = [];
    for (const name of ['first', 'second', 'third']) onAbort(controller.signal, () => told.push(name));

    controller.abort();

    expect(told).toEqual(['first', 'second', 'third']);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('keeps one listener for however many, and none when the last has gone', () => {
    const { signal } = new AbortController();

    const stops = Array.from({ length: 50 }, () => onAbort(signal, () => undefined));

    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const stop of [...stops, ...stops]) stop();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('does not tell who has stopped listening, not even when another one stops them while all are told', () => {
    const controller = new AbortController();
    const told: string[] = [];
    let stopLast = (): void => undefined;
    onAbort(controller.signal, () => stopLast());
    onAbort(controller.signal, () => told.push('gone'))();
    stopLast = onAbort(controller.signal, () => told.push('last'));

    controller.abort();

    expect(told).toEqual([]);
  });

  it('takes the same function twice for two', () => {
    const controller = new AbortController();
    let count = 0;
    const handler = (): void => {
      count += 1;
    };
    const stop = onAbort(controller.signal, handler);
    onAbort(controller.signal, handler);
    stop();

    controller.abort();

    expect(count).toBe(1);
  });

  it('tells at once when the signal has aborted before', async () => {
    const told: string[] = [];

    onAbort(AbortSignal.abort(), () => told.push('at once'));
    await aborted(AbortSignal.abort());

    expect(told).toEqual(['at once']);
  });
});

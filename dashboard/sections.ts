/**
 * The sections in the order of the menu. Their routes are mounted in app.ts.
 */
import type { CommonTexts } from './texts/common.ts';

interface Section {
  readonly path: string;
  /** Of its text in the menu. */
  readonly name: keyof Pick<
    CommonTexts,
    'today' | 'listings' | 'map' | 'market' | 'executions' | 'quality' | 'cluster' | 'queues'
  >;
}

export const sections: readonly Section[] = [
  { path: '/', name: 'today' },
  { path: '/listings', name: 'listings' },
  { path: '/map', name: 'map' },
  { path: '/market', name: 'market' },
  { path: '/executions', name: 'executions' },
  { path: '/quality', name: 'quality' },
  { path: '/cluster', name: 'cluster' },
  { path: '/queues', name: 'queues' },
];

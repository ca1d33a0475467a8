/**
 * How the list of a city is read in `auto`: by the JSON search, and by a browser while the search does not keep its
 * contract. It goes back by itself: after some pages the search is tried again, more seldom each time it fails. Pure
 * state; a new run begins anew.
 */

export interface DiscoveryState {
  readonly mode: 'http' | 'browser';
  /** Times in a row that the search broke its contract. */
  readonly breaks: number;
  /** Pages that the browser reads before the search is tried again. */
  readonly pagesUntilProbe: number;
}

/** Pages between the first break and the first new try, and the most there can be. */
const firstPause = 10;
const longestPause = 160;

/** The state before the first page. */
export const initialDiscovery: DiscoveryState = { mode: 'http', breaks: 0, pagesUntilProbe: 0 };

/** The search was refused although the session is new, or its answer has a shape nobody knows. */
export function afterBreak({ breaks }: DiscoveryState): DiscoveryState {
  const pause = Math.min(longestPause, firstPause * 2 ** Math.min(breaks, 10));
  return { mode: 'browser', breaks: breaks + 1, pagesUntilProbe: pause };
}

/** The search has answered as agreed. */
export function afterAnswer(): DiscoveryState {
  return initialDiscovery;
}

/** The browser has read a page; when the pause is over the next page is a try of the search. */
export function afterBrowserPage(state: DiscoveryState): DiscoveryState {
  const pagesUntilProbe = Math.max(0, state.pagesUntilProbe - 1);
  return { ...state, mode: pagesUntilProbe === 0 ? 'http' : 'browser', pagesUntilProbe };
}

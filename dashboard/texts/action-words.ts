/** What has to be said of each of an operator's actions, and of what became of it. */
import type { ActionKind, RefusalReason } from '../operator-actions.ts';

interface ActionWords {
  /** On a button. */
  readonly button: string;
  /** Title of the page that asks. `about` names the city, breaker, node or execution. */
  readonly title: (about: string) => string;
  readonly meaning: string;
  readonly done: (about: string) => string;
  /** What to type where the dashboard cannot do it; null when there is nothing to type. */
  readonly instead: ((about: string) => string) | null;
}

export interface ActionTexts {
  readonly kinds: Readonly<Record<ActionKind, ActionWords>>;
  readonly refusals: Readonly<Record<RefusalReason, (about: string) => string>>;
  readonly allCities: string;
  readonly limit: string;
  readonly limitHint: string;
  readonly rate: string;
  readonly rateHint: string;
  readonly workers: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly back: string;
  readonly done: string;
  readonly refused: string;
  readonly failed: string;
  readonly failedHalfWay: string;
  readonly instead: string;
  readonly recorded: string;
  readonly actions: string;
}

/** The command that does a run; of all cities when `city` is empty. */
export const runInstead = (city: string) => (city === '' ? 'oikotie run' : `oikotie run --city "${city}"`);

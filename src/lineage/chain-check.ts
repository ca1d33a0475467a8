/**
 * Follows a chain of audit events link by link and names what is wrong with it: a link that was changed, links that are
 * missing, one that was put in. It reads nothing itself; whoever does hands it one link after the other.
 */
import type { ChainHead, ChainLink } from './audit-chain.ts';
import { hashOfText } from './audit-chain.ts';

export interface ChainProblem {
  /** `torn` is the trace of a killed process and no tampering. */
  readonly kind: 'changed' | 'missing' | 'inserted' | 'torn' | 'differs';
  /** Where, e.g. `audit_2026-11-22.log:17` or `audit_log 17`. */
  readonly place: string;
  /** What is wrong, in a sentence without its place. */
  readonly message: string;
}

interface CheckedLink {
  readonly place: string;
  readonly link: ChainLink;
  readonly tornHash: string | null;
  /** False when its hash is not that of what it says. */
  readonly isIntact: boolean;
}

export interface ChainCheck {
  /** A text that is no link, with its place; `isWhole` is false when nothing ends it. */
  readonly addUnreadable: (place: string, text: string, isWhole: boolean) => void;
  readonly add: (link: CheckedLink) => void;
  /** Ends the check. @param kept where the chain is known to have ended; null when that is not known */
  readonly end: (kept: ChainHead | null) => ChainEnd;
}

export interface ChainEnd {
  readonly problems: readonly ChainProblem[];
  /** The last link; sequence 0 for a chain without links. */
  readonly head: ChainHead;
  /** Links that were there. */
  readonly links: number;
}

/** Begins a check; `begin` is what the first link must go on from. */
export function createChainCheck(begin: ChainHead): ChainCheck {
  return new RunningCheck(begin);
}

class RunningCheck implements ChainCheck {
  readonly #problems: ChainProblem[] = [];
  #last: ChainHead;
  #lastPlace = 'the begin of the chain';
  #links = 0;
  /** Unreadable lines since the last link: what they were is known only with the next one. */
  #pending: { readonly place: string; readonly text: string; readonly isWhole: boolean }[] = [];

  constructor(begin: ChainHead) {
    this.#last = begin;
  }

  addUnreadable = (place: string, text: string, isWhole: boolean): void => {
    this.#pending.push({ place, text, isWhole });
  };

  add = ({ place, link, tornHash, isIntact }: CheckedLink): void => {
    const expected = this.#last.sequence + 1;
    const gap = link.sequence - expected;
    this.#links += 1;
    if (gap < 0) {
      this.#settlePending(tornHash, 0);
      this.#report('inserted', place, `it says to be number ${link.sequence}, which was there before it`);
      return;
    }
    const replaced = this.#settlePending(tornHash, gap);
    if (gap > replaced)
      this.#report('missing', place, `${numbersOf(expected + replaced, link.sequence - 1)} before it`);
    if (!isIntact) this.#report('changed', place, `its hash is not that of what it says (number ${link.sequence})`);
    else if (gap === 0 && link.previousHash !== this.#last.hash) {
      const reason = `it does not go on from ${this.#lastPlace}: one of the two was changed, or put in`;
      this.#report('changed', place, reason);
    }
    this.#last = { sequence: link.sequence, hash: link.hash };
    this.#lastPlace = place;
  };

  end = (kept: ChainHead | null): ChainEnd => {
    const missingAtEnd = kept === null ? 0 : kept.sequence - this.#last.sequence;
    const replaced = this.#settleLast(Math.max(0, missingAtEnd));
    if (kept !== null && missingAtEnd > replaced) {
      const numbers = numbersOf(this.#last.sequence + 1 + replaced, kept.sequence);
      this.#report('missing', this.#lastPlace, `${numbers} after it, at the end`);
    } else if (kept !== null && missingAtEnd === 0 && kept.hash !== this.#last.hash) {
      this.#report('changed', this.#lastPlace, 'it is not the one that the chain is known to have ended with');
    }
    return { problems: this.#problems, head: this.#last, links: this.#links };
  };

  /** Says what the unreadable lines before a link are; gives how many stand in the place of links that are missing. */
  #settlePending(tornHash: string | null, gap: number): number {
    let replaced = 0;
    for (const { place, text } of this.#pending) {
      if (tornHash !== null && hashOfText(text) === tornHash) {
        this.#report('torn', place, 'it broke off when its process ended; the next one vouches for it');
      } else if (replaced < gap) {
        replaced += 1;
        this.#report('changed', place, `it cannot be read (number ${this.#last.sequence + replaced})`);
      } else {
        this.#report('inserted', place, 'it is no line of the chain');
      }
    }
    this.#pending = [];
    return replaced;
  }

  /** The very last line may have broken off with nobody there yet to vouch for it. */
  #settleLast(gap: number): number {
    const last = this.#pending.at(-1);
    if (gap > 0 || last === undefined || last.isWhole) return this.#settlePending(null, gap);
    this.#pending.pop();
    this.#settlePending(null, gap);
    this.#report('torn', last.place, 'it broke off when its process ended');
    return 0;
  }

  #report(kind: ChainProblem['kind'], place: string, message: string): void {
    this.#problems.push({ kind, place, message });
  }
}

function numbersOf(first: number, last: number): string {
  return first === last ? `number ${first} is missing` : `numbers ${first} to ${last} are missing`;
}

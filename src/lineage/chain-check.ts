/**
 * Follows a chain of audit events link by link and names what is wrong with it: a link that was changed, links that are
 * missing, one that was put in. It reads nothing itself; whoever does hands it one link after the other.
 */
import type { ChainHead, ChainLink, KeptHead, Seal } from './audit-chain.ts';
import { hashOfText, isHeadSigned } from './audit-chain.ts';
import type { AuditKeyring } from './audit-key.ts';

export interface ChainProblem {
  /** `torn` is the trace of a killed process and no tampering; `unkeyed` is where a key should be. */
  readonly kind: 'changed' | 'missing' | 'inserted' | 'torn' | 'differs' | 'unkeyed';
  /** Where, e.g. `audit_2026-11-22.log:17` or `audit_log 17`. */
  readonly place: string;
  /** What is wrong, in a sentence without its place. */
  readonly message: string;
}

interface CheckedLink {
  readonly place: string;
  readonly link: ChainLink;
  readonly tornHash: string | null;
  readonly seal: Seal;
}

export interface ChainCheck {
  /** A text that is no link, with its place; `isWhole` is false when nothing ends it. */
  readonly addUnreadable: (place: string, text: string, isWhole: boolean) => void;
  readonly add: (link: CheckedLink) => void;
  /** Ends the check. @param kept where the chain is known to have ended; null when that is not known */
  readonly end: (kept: KeptHead | null) => ChainEnd;
}

export interface ChainEnd {
  readonly problems: readonly ChainProblem[];
  /** The last link; sequence 0 for a chain without links. */
  readonly head: ChainHead;
  /** Links that were there. */
  readonly links: number;
  /** Of these, links that are sealed with a key. */
  readonly keyedLinks: number;
  /** Of these, links whose key is not there: what they say was not checked. */
  readonly uncheckedLinks: number;
  /** The first link that is sealed with a key; null when none is. */
  readonly keyedFrom: number | null;
}

/** Begins a check with these keys; `begin` is what the first link must go on from. */
export function createChainCheck(begin: ChainHead, keys: AuditKeyring): ChainCheck {
  return new RunningCheck(begin, keys);
}

class RunningCheck implements ChainCheck {
  readonly #problems: ChainProblem[] = [];
  #last: ChainHead;
  #lastPlace = 'the begin of the chain';
  #lastKeyId: string | null = null;
  #links = 0;
  #keyedLinks = 0;
  #uncheckedLinks = 0;
  #keyedFrom: number | null = null;
  readonly #keys: AuditKeyring;
  /** Unreadable lines since the last link: what they were is known only with the next one. */
  #pending: { readonly place: string; readonly text: string; readonly isWhole: boolean }[] = [];

  constructor(begin: ChainHead, keys: AuditKeyring) {
    this.#last = begin;
    this.#keys = keys;
  }

  addUnreadable = (place: string, text: string, isWhole: boolean): void => {
    this.#pending.push({ place, text, isWhole });
  };

  add = ({ place, link, tornHash, seal }: CheckedLink): void => {
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
    if (seal === 'changed')
      this.#report('changed', place, `its hash is not that of what it says (number ${link.sequence})`);
    else if (gap === 0 && link.previousHash !== this.#last.hash) {
      const reason = `it does not go on from ${this.#lastPlace}: one of the two was changed, or put in`;
      this.#report('changed', place, reason);
    }
    this.#checkKey(place, link, seal);
    this.#last = { sequence: link.sequence, hash: link.hash };
    this.#lastPlace = place;
  };

  /** A chain that has once been sealed with a key goes on with one. */
  #checkKey(place: string, { keyId, sequence }: ChainLink, seal: Seal): void {
    if (keyId !== null) {
      this.#keyedLinks += 1;
      this.#keyedFrom ??= sequence;
      if (seal === 'unknown') this.#uncheckedLinks += 1;
      if (seal === 'unknown' && this.#keys.hasKeys && keyId !== this.#lastKeyId)
        this.#report(
          'unkeyed',
          place,
          `it and those after it have the key ${keyId}, which is none of those that are set`,
        );
    } else if (this.#lastKeyId !== null) {
      this.#report('unkeyed', place, 'it has no key, though those before it have one');
    }
    this.#lastKeyId = keyId;
  }

  end = (kept: KeptHead | null): ChainEnd => {
    this.#checkEnd(kept);
    this.#checkKeyOfEnd(kept);
    const counts = { links: this.#links, keyedLinks: this.#keyedLinks, uncheckedLinks: this.#uncheckedLinks };
    return { problems: this.#problems, head: this.#last, ...counts, keyedFrom: this.#keyedFrom };
  };

  #checkEnd(kept: ChainHead | null): void {
    const missingAtEnd = kept === null ? 0 : kept.sequence - this.#last.sequence;
    const replaced = this.#settleLast(Math.max(0, missingAtEnd));
    if (kept !== null && missingAtEnd > replaced) {
      const numbers = numbersOf(this.#last.sequence + 1 + replaced, kept.sequence);
      this.#report('missing', this.#lastPlace, `${numbers} after it, at the end`);
    } else if (kept !== null && missingAtEnd === 0 && kept.hash !== this.#last.hash) {
      this.#report('changed', this.#lastPlace, 'it is not the one that the chain is known to have ended with');
    }
  }

  /** Without it, who has no key could cut off the end and say that it has always been there. */
  #checkKeyOfEnd(kept: KeptHead | null): void {
    if (!this.#keys.hasKeys || this.#links === 0) return;
    if (this.#keyedFrom === null) {
      const message = 'none has the key that is set: nothing was written since then, or all of it was written anew';
      this.#report('unkeyed', this.#lastPlace, message);
    } else if (this.#lastKeyId !== null && (kept === null || !isHeadSigned(kept, this.#lastKeyId, this.#keys))) {
      this.#report('unkeyed', this.#lastPlace, 'that the chain ends there is said by nobody who has the key');
    }
  }

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

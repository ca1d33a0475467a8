/**
 * How long one city of a run has been held by breakers in all. A hold begins with a refused call and ends when a call
 * passes that is no trial.
 */

export class CityHold {
  readonly #maxHoldMs: number;
  #heldMs = 0;
  #sinceMs: number | null = null;

  constructor(maxHoldMs: number) {
    this.#maxHoldMs = maxHoldMs;
  }

  /** Notes a refused call; gives back what is left of the time the city may be held, 0 when it is over. */
  refused(nowMs: number): number {
    this.#sinceMs ??= nowMs;
    return Math.max(0, this.#maxHoldMs - this.#heldMs - (nowMs - this.#sinceMs));
  }

  passed(nowMs: number): void {
    if (this.#sinceMs === null) return;
    this.#heldMs += nowMs - this.#sinceMs;
    this.#sinceMs = null;
  }
}

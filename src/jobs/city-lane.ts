/**
 * The calls of one city that are under way in this process. While a city has failed and not yet succeeded again, no more
 * are let out than may still fail before its breaker opens: so a city that breaks down costs the portal the threshold in
 * requests and not one per worker.
 */

export class CityLane {
  #underWay = 0;
  #waiting: (() => void)[] = [];

  /** Whether one more call may begin. @param failures since the last success @param threshold opens the breaker */
  hasRoom(failures: number, threshold: number): boolean {
    return failures === 0 || this.#underWay < Math.max(1, threshold - failures);
  }

  begin(): void {
    this.#underWay += 1;
  }

  end(): void {
    this.#underWay -= 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when a call under way ends; there must be one. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

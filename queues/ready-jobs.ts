/**
 * Jobs that may start now: highest priority first, then first come first served. Taking is O(1) however many wait.
 */

export class ReadyJobs<Job extends { readonly priority: number }> {
  readonly #lanes = new Map<number, { jobs: (Job | undefined)[]; head: number }>();
  #priorities: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(job: Job): void {
    this.#laneOf(job.priority).jobs.push(job);
    this.#size += 1;
  }

  /** Puts a job back at the head of its priority: it was taken, but its turn did not count. */
  pushFront(job: Job): void {
    const lane = this.#laneOf(job.priority);
    if (lane.head > 0) {
      lane.head -= 1;
      lane.jobs[lane.head] = job;
    } else {
      lane.jobs.unshift(job);
    }
    this.#size += 1;
  }

  peek(): Job | undefined {
    const lane = this.#firstLane();
    return lane?.jobs[lane.head];
  }

  take(): Job | undefined {
    const lane = this.#firstLane();
    if (lane === undefined) return undefined;
    const job = lane.jobs[lane.head];
    lane.jobs[lane.head] = undefined;
    lane.head += 1;
    if (lane.head > 1024 && lane.head * 2 > lane.jobs.length) {
      lane.jobs.splice(0, lane.head);
      lane.head = 0;
    }
    this.#size -= 1;
    return job;
  }

  #firstLane() {
    for (const priority of this.#priorities) {
      const lane = this.#lanes.get(priority);
      if (lane !== undefined && lane.head < lane.jobs.length) return lane;
    }
    return undefined;
  }

  #laneOf(priority: number) {
    const known = this.#lanes.get(priority);
    if (known !== undefined) return known;
    const lane: { jobs: (Job | undefined)[]; head: number } = { jobs: [], head: 0 };
    this.#lanes.set(priority, lane);
    this.#priorities = [...this.#lanes.keys()].sort((left, right) => right - left);
    return lane;
  }
}

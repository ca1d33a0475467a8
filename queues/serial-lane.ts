/** Runs tasks one after the other, in the order they came; a task that fails does not hold up the next. */
export class SerialLane {
  #last: Promise<unknown> = Promise.resolve();

  /** The task's own outcome. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/**
 * Does what a form asks for once, however often it is sent: a second press of the button, or a page loaded again, gets the
 * answer of the first. It knows what this process was sent; a dashboard beside it does not.
 */
export interface Once<Result> {
  /** The result of the work that was first handed in under the key; work that failed is not done again either. */
  readonly run: (key: string, work: () => Promise<Result>) => Promise<Result>;
}

/** Forms remembered; the oldest is forgotten first. */
const mostKeys = 1_000;

export function createOnce<Result>(): Once<Result> {
  const results = new Map<string, Promise<Result>>();
  return {
    run: (key, work) => {
      const known = results.get(key);
      if (known !== undefined) return known;
      const result = work();
      results.set(key, result);
      const [oldest] = results.keys();
      if (results.size > mostKeys && oldest !== undefined) results.delete(oldest);
      return result;
    },
  };
}

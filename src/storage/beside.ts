/**
 * Work of this thread beside a statement that DuckDB is busy with in its own: of the time for a batch of new rows each of
 * the two used to wait for the other.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Does `compute`, which must not touch the connection, while the statement runs that `running` waits for; gives both
 * results. @throws what either of them threw, when both are over: what runs in a transaction must not outlive it.
 */
export async function beside<Answer, Result>(
  running: Promise<Answer>,
  compute: () => Result,
): Promise<[Answer, Result]> {
  // A statement begins only when this thread lets go: until then it is bound, or still planned.
  const computing = nextTurn().then(compute);
  const [answer, result] = await Promise.allSettled([running, computing]);
  if (answer.status === 'rejected') throw answer.reason;
  if (result.status === 'rejected') throw result.reason;
  return [answer.value, result.value];
}

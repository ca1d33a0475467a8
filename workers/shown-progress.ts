/**
 * The progress of a run as its store shows it on the board, for whoever looks from elsewhere.
 */
import type { RunBoard } from '../queues/run-board.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';

/** Per city; null when nothing is shown yet. */
export async function readShownProgress(
  board: Pick<RunBoard, 'read'>,
  executionId: string,
): Promise<readonly CityProgress[] | null> {
  const progress = await board.read(executionId, 'progress');
  // Written by the store of the same deployment.
  return progress === null ? null : (progress as readonly CityProgress[]).map(withInfinity);
}

/** JSON has no Infinity: a rate without limit comes as null. */
function withInfinity(progress: CityProgress): CityProgress {
  const { allowedPerSecond } = progress;
  return { ...progress, allowedPerSecond: allowedPerSecond ?? Number.POSITIVE_INFINITY };
}

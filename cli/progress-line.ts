/**
 * One city's progress as one line a person reads: `Helsinki 61% 2,914/4,780 | 0.98 req/s of 1.00 | new 112 changed 31
 * failed 2 | ETA 14:05`. Times are Helsinki time.
 */
import type { CityProgress } from '../workers/progress.ts';

const count = new Intl.NumberFormat('en-US');
const clockTime = new Intl.DateTimeFormat('fi-FI', { timeZone: 'Europe/Helsinki', hour: '2-digit', minute: '2-digit' });

/** The line of one city, without a bar: for logs, pipes and small screens. */
export function progressLine(progress: CityProgress): string {
  return [
    `${progress.city} ${share(progress)}`,
    `${progress.requestsPerSecond.toFixed(2)} req/s${allowed(progress)}`,
    `new ${count.format(progress.new)} changed ${count.format(progress.changed)} failed ${count.format(progress.failed)}`,
    ending(progress),
  ].join(' | ');
}

/** The same line behind a bar of `width` characters, for a terminal. */
export function progressBar(progress: CityProgress, width = 20): string {
  const filled = progress.total === null ? 0 : Math.round(width * ratioOf(progress));
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${progressLine(progress)}`;
}

function ratioOf({ settled, total }: CityProgress): number {
  if (total === null) return 0;
  return total === 0 ? 1 : settled / total;
}

function share(progress: CityProgress): string {
  const { settled, total } = progress;
  if (total === null) return 'starting';
  // 100% means all of it, however close the ratio rounds.
  const percent = settled < total ? Math.min(99, Math.round(100 * ratioOf(progress))) : 100;
  return `${percent}% ${count.format(settled)}/${count.format(total)}`;
}

function allowed({ allowedPerSecond }: CityProgress): string {
  return Number.isFinite(allowedPerSecond) ? ` of ${allowedPerSecond.toFixed(2)}` : '';
}

function ending({ isDone, etaMs }: CityProgress): string {
  if (isDone) return 'done';
  return etaMs === null ? 'ETA --:--' : `ETA ${clockTime.format(etaMs).replace('.', ':')}`;
}

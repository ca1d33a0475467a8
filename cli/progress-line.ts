/**
 * One city's progress as one line a person reads: `Helsinki 61% 2,914/4,780 | 0.98 req/s of 1.00 | new 112 changed 31
 * failed 2 | ETA 14:05`. Times are Helsinki time.
 */
import type { CityProgress } from '../src/jobs/city-progress.ts';

const count = new Intl.NumberFormat('en-US');
const clockTime = new Intl.DateTimeFormat('fi-FI', { timeZone: 'Europe/Helsinki', hour: '2-digit', minute: '2-digit' });

/** The line of one city, without a bar: for logs, pipes and files. */
export function progressLine(progress: CityProgress): string {
  return [headOf(progress, 0), rateOf(progress), countsOf(progress), ending(progress)].join(' | ');
}

/**
 * A line with a bar per city that fits into `columns` characters, the same parts for all of them: what says least is
 * left out first, so that nothing wraps and the bars stand below each other.
 */
export function progressBars(cities: readonly CityProgress[], columns: number): readonly string[] {
  const nameWidth = Math.max(0, ...cities.map(({ city }) => city.length));
  for (const render of barForms) {
    const lines = cities.map((progress) => render(progress, nameWidth));
    // The last column stays free: a terminal may wrap when it is filled.
    if (lines.every((line) => line.length < columns)) return lines;
  }
  return cities.map((progress) => headOf(progress, 0).slice(0, columns - 1));
}

type BarForm = (progress: CityProgress, nameWidth: number) => string;

/** From the widest to the narrowest. */
const barForms: readonly BarForm[] = [
  (progress, nameWidth) =>
    [barOf(progress, 20, nameWidth), rateOf(progress), countsOf(progress), ending(progress)].join(' | '),
  (progress, nameWidth) => [barOf(progress, 10, nameWidth), countsOf(progress), ending(progress)].join(' | '),
  (progress, nameWidth) => [barOf(progress, 10, nameWidth), ending(progress)].join(' | '),
  (progress) => [barOf(progress, 5, 0), ending(progress)].join(' '),
];

function barOf(progress: CityProgress, width: number, nameWidth: number): string {
  const filled = Math.round(width * ratioOf(progress));
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${headOf(progress, nameWidth)}`;
}

function headOf(progress: CityProgress, nameWidth: number): string {
  return `${progress.city.padEnd(nameWidth)} ${share(progress)}`;
}

function rateOf(progress: CityProgress): string {
  return `${progress.requestsPerSecond.toFixed(2)} req/s${allowed(progress)}`;
}

function countsOf(progress: CityProgress): string {
  const { new: added, changed, failed } = progress;
  return `new ${count.format(added)} changed ${count.format(changed)} failed ${count.format(failed)}`;
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

/**
 * The summary a run ends with: what a person wants to know first on top, one line per city, the reason in words where
 * a city is not complete and for each part that was missing. It fits a phone-wide terminal.
 */
import type { CityReceipt, ExecutionResult } from '../src/quality/city-receipt.ts';
import { wrapText } from './wrap-text.ts';

/** Characters of a line where there is room for more. */
const widest = 80;
const count = new Intl.NumberFormat('en-US');

/** The summary as text, newline at the end; `width` is the terminal's, null when it is none. */
export function renderSummary(result: ExecutionResult, databasePath: string, width: number | null): string {
  const lineLength = Math.min(width ?? widest, widest);
  const label = (name: string, text: string) =>
    wrapText(text, ' '.repeat(12), { firstIndent: `  ${name.padEnd(10)}`, width: lineLength });
  const { cities } = result;
  const nameWidth = Math.max(0, ...cities.map(({ city }) => city.length));
  const lines = [
    `Run ${result.executionId}: ${result.status}`,
    ...label('cities', `${result.successfulCities} of ${result.totalCities} successful`),
    ...label(
      'listings',
      `new ${count.format(result.new)}, changed ${count.format(result.changed)}, unchanged ${count.format(result.unchanged)}, failed ${count.format(result.failed)}`,
    ),
    ...label('gone?', goneText(result)),
    ...label('requests', requestsText(result)),
    ...label('database', databasePath),
    ...result.missingParts.flatMap(({ part, reason, remedy }) => label('missing', `${part}: ${reason}; ${remedy}`)),
    ...(cities.length === 0 ? [] : ['']),
    ...cities.flatMap((receipt) => cityLines(receipt, nameWidth, lineLength)),
  ];
  return `${lines.join('\n')}\n`;
}

function goneText({ gone, returned, goneWaiting }: ExecutionResult): string {
  const back = returned === 0 ? '' : `, ${count.format(returned)} came back`;
  const wait = goneWaiting === 1 ? 'waits' : 'wait';
  const waiting = goneWaiting === 0 ? '' : `, ${count.format(goneWaiting)} ${wait} for the next complete run`;
  return `${count.format(gone)} marked gone${back}${waiting}`;
}

function requestsText({ requests, unfetched, executionTimeSeconds }: ExecutionResult): string {
  const saved = unfetched === 0 ? '' : `; ${count.format(unfetched)} saved, their cards are as before`;
  return `${count.format(requests)} in ${seconds(executionTimeSeconds)}${saved}`;
}

/** What became of the city, and below it, further in, why that is not all of it. */
function cityLines(receipt: CityReceipt, nameWidth: number, width: number): readonly string[] {
  const stored = receipt.new + receipt.changed + receipt.unchanged;
  const firstIndent = `  ${receipt.city.padEnd(nameWidth)}  ${receipt.verdict.padEnd(8)}  `;
  const counts = `${count.format(stored)} stored of ${total(receipt)} listed, ${count.format(receipt.requests)} requests`;
  const lines = wrapText(counts, '    ', { firstIndent, width });
  const quarantine = receipt.isQuarantined
    ? `in quarantine: ${receipt.drift}; oikotie quarantine release|discard ${receipt.executionId} ${receipt.city}`
    : null;
  const notes = [receipt.reason, quarantine, receipt.delistingNote].filter((note) => note !== null);
  return [...lines, ...notes.flatMap((note) => wrapText(note, '    ', { width }))];
}

function total({ portalTotalEnd }: CityReceipt): string {
  return portalTotalEnd === null ? 'unknown' : count.format(portalTotalEnd);
}

function seconds(value: number): string {
  if (value < 120) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

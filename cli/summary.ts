/**
 * The summary a run ends with: what a person wants to know first on top, one line per city, the reason in words where
 * a city is not complete. It fits a phone-wide terminal.
 */
import type { CityReceipt, ExecutionResult } from '../src/quality/city-receipt.ts';

const count = new Intl.NumberFormat('en-US');

/** The summary as text, newline at the end. */
export function renderSummary(result: ExecutionResult, databasePath: string): string {
  const lines = [
    `Run ${result.executionId}: ${result.status}`,
    `  cities    ${result.successfulCities} of ${result.totalCities} successful`,
    `  listings  new ${count.format(result.new)}, changed ${count.format(result.changed)}, unchanged ${count.format(result.unchanged)}, failed ${count.format(result.failed)}`,
    `  gone?     ${count.format(result.goneCandidates)} (candidates; nothing is marked gone from one run)`,
    `  requests  ${count.format(result.requests)} in ${seconds(result.executionTimeSeconds)}`,
    `  database  ${databasePath}`,
    '',
    ...result.cities.flatMap(cityLines),
  ];
  return `${lines.join('\n')}\n`;
}

function cityLines(receipt: CityReceipt): readonly string[] {
  const stored = receipt.new + receipt.changed + receipt.unchanged;
  const line = `  ${receipt.city.padEnd(12)} ${receipt.verdict.padEnd(8)} ${count.format(stored)} stored of ${total(receipt)} listed, ${count.format(receipt.requests)} requests`;
  return receipt.reason === null ? [line] : [line, `  ${' '.repeat(12)} ${receipt.reason}`];
}

function total({ portalTotalEnd }: CityReceipt): string {
  return portalTotalEnd === null ? 'unknown' : count.format(portalTotalEnd);
}

function seconds(value: number): string {
  if (value < 120) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

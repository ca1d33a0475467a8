/**
 * The day's run of all enabled cities from a program of your own: in this process, or on a cluster when a Redis is named.
 * Ctrl-C stops it cleanly; the next run of the day goes on from there.
 *
 *     node dist/examples/daily-run.js config/config.json
 */
import { createMultiCityOrchestrator } from 'oikotie';

const orchestrator = createMultiCityOrchestrator({ configPath: process.argv[2] });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void orchestrator.shutdown());

const showing = setInterval(() => {
  for (const { city, settled, total } of orchestrator.getExecutionStatus()?.cities ?? []) {
    console.log(`${city}: ${settled} of ${total ?? 'not yet known'}`);
  }
}, 5_000);
const result = await orchestrator.runDailyAutomation().finally(() => clearInterval(showing));

console.log(`${result.executionId} (${result.mode}): ${result.status}`);
console.log(`cities: ${result.successfulCities} of ${result.totalCities}`);
console.log(`new listings: ${result.totalListingsNew}, failed: ${result.totalListingsFailed}`);
console.log(`time: ${result.executionTimeSeconds.toFixed(1)} s`);
for (const { city, verdict, reason } of result.cities)
  console.log(`${city}: ${verdict}${reason ? ` (${reason})` : ''}`);
process.exitCode = result.status === 'completed' ? 0 : 1;

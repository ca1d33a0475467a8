/**
 * The simulator as a process of its own, so that the client's core is the client's alone. Writes the listing URLs to the
 * file named as first argument, prints its search URL, and serves until its standard input closes.
 */
import { writeFileSync } from 'node:fs';
import { startSimulator } from '../../simulator/server.ts';
import { createWorld } from '../../simulator/world.ts';

const [urlsPath, count] = process.argv.slice(2);
if (urlsPath === undefined || count === undefined) throw new Error('usage: simulator-process <urls-file> <listings>');

const world = createWorld({
  seed: 1,
  cities: [{ name: 'Helsinki', locationId: 64, saleCount: Number(count), rentCount: 0 }],
});
const simulator = await startSimulator({ world });
const urls = world.truth('Helsinki', 'sale', simulator.origin).map((record) => record.url);
// Every page is rendered once before the clock starts: the client is measured, not the simulator.
for (const url of urls) await (await fetch(url)).arrayBuffer();
writeFileSync(urlsPath, urls.join('\n'));
process.stdout.write(`${simulator.searchUrl('Helsinki', 'sale')}\n`);
process.stdin.resume();
process.stdin.on('end', () => void simulator.close());

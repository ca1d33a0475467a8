/**
 * A process of its own that writes a database, for tests of locks, kills and full disks.
 * node writer-process.mjs <compiled folder> <database> <hold|loop> <first batch> <user id or nothing>
 * `hold` opens the file, says `open` and ends with its standard input; `loop` says `begin N` and `ack N` around the
 * commit of batch N, or `error CODE sentence` and how its close went.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';

const [compiled, path, mode, firstBatch, userId] = process.argv.slice(2);
const { openDatabase } = await import(join(compiled, 'src/storage/database.js'));
const { createSeriesStore } = await import(join(compiled, 'src/storage/series-store.js'));
const { systemClock } = await import(join(compiled, 'src/clock.js'));
const { listingWrite, writesOf } = await import(join(compiled, 'tests/storage/samples.js'));

if (userId !== '') {
  process.setgid(Number(userId));
  process.setuid(Number(userId));
}

const batchRows = 200;
const say = (line) => writeSync(1, `${line}\n`);

async function writeBatches(store) {
  for (let batch = Number(firstBatch); ; batch++) {
    say(`begin ${batch}`);
    const listings = Array.from({ length: batchRows }, (_, row) =>
      listingWrite(`${batch}-${row}`, { fields: { description: `Koti ${batch}-${row}. `.repeat(60) } }),
    );
    await store.commit(writesOf({ listings }));
    say(`ack ${batch}`);
  }
}

async function closeAndSay(database) {
  try {
    await database.close();
    say('closed');
  } catch (error) {
    say(`close-error ${error.code} ${error.message}`);
  }
}

try {
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '256MB', threads: 2 });
  if (mode === 'hold') {
    say('open');
    process.stdin.resume();
    process.stdin.on('end', () => closeAndSay(database));
  } else {
    try {
      await writeBatches(createSeriesStore({ database, clock: systemClock }));
    } catch (error) {
      say(`error ${error.code} ${error.message}`);
      await closeAndSay(database);
    }
  }
} catch (error) {
  say(`error ${error.code} ${error.message}`);
}

import { expect, it } from 'vitest';
import { createCountedLog, createLog, createLogBeside } from '../src/log.ts';

function lines() {
  const written: Record<string, unknown>[] = [];
  const write = (line: string) => written.push(JSON.parse(line) as Record<string, unknown>);
  return { written, destination: { write } };
}

it('a log beside another writes every line to both, each from its own level on, with the fields of a child', () => {
  const screen = lines();
  const file = lines();
  const log = createLogBeside(createLog({ level: 'warn', destination: screen.destination }), {
    level: 'info',
    destination: file.destination,
  });

  log.debug('to nobody');
  log.info({ city: 'Espoo' }, 'to the file');
  log.child({ jobId: 'x' }).warn({ token: 'secret' }, 'to both');

  expect(screen.written).toMatchObject([{ level: 'warn', jobId: 'x', token: '[redacted]', msg: 'to both' }]);
  expect(file.written).toMatchObject([
    { level: 'info', city: 'Espoo', msg: 'to the file' },
    { level: 'warn', jobId: 'x', token: '[redacted]', msg: 'to both' },
  ]);
});

it('a counted log hands everything on and knows its warnings and errors, those of its children included', () => {
  const screen = lines();
  const { log, counts } = createCountedLog(createLog({ level: 'info', destination: screen.destination }));
  const beside = createLogBeside(log, { level: 'info', destination: lines().destination });

  log.debug('to nobody');
  log.info('one');
  log.child({ jobId: 'x' }).warn('two');
  beside.warn('three');
  beside.error('four');

  expect(screen.written.map(({ msg }) => msg)).toEqual(['one', 'two', 'three', 'four']);
  expect(screen.written[1]).toMatchObject({ jobId: 'x' });
  expect(counts).toEqual({ errors: 1, warnings: 2 });
});

// Stands in for a thread whose reader hangs on pages that say so: never answers, never ends by itself.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ html }) => {
  while (html.includes('hang'));
  if (html.includes('throw')) throw new Error('a bug in the reader');
  parentPort.postMessage({ kind: 'unknown', reason: 'read in the thread' });
});
parentPort.postMessage('ready');

/**
 * Hands OpenLineage run events on, to a file (one JSON object a line) or to a URL, behind the run's back. A consumer that
 * does not take them is a missing part: it is told once and given up, and the run goes on.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import { messageOf } from '../src/errors.ts';
import { fileProblem } from '../src/file-problem.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { openLineageEvent } from '../src/lineage/open-lineage.ts';

export interface LineageConsumer {
  /** Takes an audit event; those that begin or end a run or a city are handed on. Never throws and never waits. */
  readonly take: AuditSink;
  /** Resolves when everything taken so far is handed on or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

interface LineageConsumerOptions {
  readonly config: Pick<Config, 'lineage' | 'databasePath'>;
  /** Told once per file or URL why nothing more is handed on; the URL is left out, for it may hold a key. */
  readonly onProblem: (reason: string) => void;
}

/** How long a URL may take to answer. */
const answerMs = 5_000;
/** Events that may wait; a run has two for each of its cities and two of its own. */
const mostWaiting = 10_000;

/** Null when neither a file nor a URL is configured. */
export function createLineageConsumer({ config, onProblem }: LineageConsumerOptions): LineageConsumer | null {
  const { openLineageFile: file, openLineageUrl: url } = config.lineage;
  const targets = [
    ...(file === null ? [] : [createTarget(appendTo(file), onProblem)]),
    ...(url === null ? [] : [createTarget(postTo(url), onProblem)]),
  ];
  if (targets.length === 0) return null;
  const options = {
    producer: `pkg:npm/oikotie@${readVersion()}`,
    source: 'https://asunnot.oikotie.fi',
    databasePath: resolve(config.databasePath),
  };
  return {
    take: (event) => {
      const runEvent = openLineageEvent(event, options);
      if (runEvent === null) return;
      for (const target of targets) target.write(JSON.stringify(runEvent));
    },
    flush: async () => {
      await Promise.all(targets.map((target) => target.flush()));
    },
  };
}

/** One event after the other, until the first that cannot be handed on. */
function createTarget(handOn: (text: string) => Promise<void>, onProblem: (reason: string) => void) {
  let waiting: string[] = [];
  let isGivenUp = false;
  let writing: Promise<void> | null = null;
  const drain = async (): Promise<void> => {
    try {
      for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) await handOn(text);
    } catch (error) {
      isGivenUp = true;
      waiting = [];
      onProblem(messageOf(error));
    } finally {
      writing = null;
    }
  };
  return {
    write: (text: string): void => {
      if (isGivenUp || waiting.length >= mostWaiting) return;
      waiting.push(text);
      writing ??= Promise.resolve().then(drain);
    },
    flush: async (): Promise<void> => {
      while (writing !== null) await writing;
    },
  };
}

function appendTo(path: string) {
  return async (text: string): Promise<void> => {
    try {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, `${text}\n`);
    } catch (error) {
      throw new Error(`cannot write to ${path}: ${fileProblem(error)}`, { cause: error });
    }
  };
}

function postTo(configured: string) {
  const url = new URL(configured);
  const { username, password } = url;
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  // They do not belong into the address of a request, nor into the error of one that fails.
  [url.username, url.password] = ['', ''];
  return async (text: string): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(username === '' && password === '' ? {} : { authorization: `Basic ${credentials}` }),
      },
      body: text,
      // A redirect could lead elsewhere than to what was configured.
      redirect: 'error',
      signal: AbortSignal.timeout(answerMs),
    }).catch((error: unknown) => {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new Error(`its URL does not answer: ${messageOf(cause)}`, { cause: error });
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`its URL answers with status ${response.status}`);
  };
}

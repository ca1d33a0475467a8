/**
 * Keeps open pages right: looks once for all of them, every second while something goes on, renders each part once for each
 * language, and sends a page the parts that have changed (server-sent events). Without viewers it does nothing.
 */
import type { Response } from 'express';
import type { Clock } from '../../src/clock.ts';
import type { Log } from '../../src/log.ts';
import type { Format } from '../format.ts';
import { createFormats } from '../format.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Language } from '../texts/common.ts';
import { languages } from '../texts/common.ts';

/** HTML by the name of the part; a page puts it in place of the element with that name. */
export type Parts = Readonly<Record<string, string>>;

export interface HubContext {
  readonly language: Language;
  readonly format: Format;
  readonly nowMs: number;
}

export interface HubOptions<State> {
  readonly look: () => Promise<State>;
  /** Whether there is soon something new. */
  readonly isBusy: (state: State) => boolean;
  readonly render: (state: State, context: HubContext) => Parts;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Hub<State> {
  /** At most a second old. @throws whatever `look` does. */
  readonly state: () => Promise<State>;
  /**
   * Answers with a stream that begins with every part.
   * @param mayStay asked every few seconds; false ends the stream
   * @throws HttpProblem 503 when too many are watching.
   */
  readonly attach: (
    response: Response,
    viewer: { readonly language: Language; readonly mayStay: () => boolean },
  ) => void;
  /** Ends every stream; later ones are refused. */
  readonly close: () => Promise<void>;
}

interface Viewer {
  readonly language: Language;
  readonly response: Response;
  readonly mayStay: () => boolean;
  /** Of each part, what the page has. */
  sent: Parts;
}

const busyMs = 1_000;
const idleMs = 5_000;
/** A proxy closes what is silent; a page that hears nothing knows that it is cut off. */
const beatMs = 10_000;
const mostViewers = 200;
/** A viewer that has not taken this much has stopped reading; it may connect again. */
const mostUnreadBytes = 1_000_000;

/** Looks at nothing yet. */
export function createHub<State>(options: HubOptions<State>): Hub<State> {
  return new LiveHub(options);
}

class LiveHub<State> implements Hub<State> {
  readonly #options: HubOptions<State>;
  readonly #formats = createFormats();
  readonly #viewers = new Set<Viewer>();
  readonly #ending = new AbortController();
  #looked: { readonly atMs: number; readonly state: Promise<State> } | null = null;
  #loop: Promise<void> | null = null;
  /** Ends the pause of the loop when somebody comes. */
  #wake = new AbortController();

  constructor(options: HubOptions<State>) {
    this.#options = options;
  }

  state = (): Promise<State> => {
    const nowMs = this.#options.clock.now();
    const known = this.#looked;
    if (known !== null && nowMs >= known.atMs && nowMs - known.atMs < busyMs) return known.state;
    const state = this.#options.look();
    this.#looked = { atMs: nowMs, state };
    // The next one tries again.
    state.catch(() => {
      if (this.#looked?.state === state) this.#looked = null;
    });
    return state;
  };

  attach: Hub<State>['attach'] = (response, { language, mayStay }) => {
    if (this.#ending.signal.aborted || this.#viewers.size >= mostViewers) {
      throw new HttpProblem(503, `expected at most ${mostViewers} live pages, got one more; close some`);
    }
    const viewer: Viewer = { language, response, mayStay, sent: {} };
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      // Not kept, and not packed: a packer would hold lines back.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    this.#viewers.add(viewer);
    response.on('close', () => this.#viewers.delete(viewer));
    this.#wake.abort();
    this.#loop ??= this.#run().finally(() => {
      this.#loop = null;
    });
  };

  close = async (): Promise<void> => {
    this.#ending.abort();
    this.#wake.abort();
    for (const { response } of this.#viewers) response.end();
    this.#viewers.clear();
    await this.#loop;
    await this.#looked?.state.catch(() => undefined);
  };

  async #run(): Promise<void> {
    const { clock } = this.#options;
    let beatAtMs = clock.now();
    while (this.#viewers.size > 0 && !this.#ending.signal.aborted) {
      this.#wake = new AbortController();
      const isBusy = await this.#tell();
      if (clock.now() - beatAtMs >= beatMs || clock.now() < beatAtMs) {
        beatAtMs = clock.now();
        this.#beat();
      }
      // Rejects when somebody comes, or at the end: then it is time to look.
      await clock.sleep(isBusy ? busyMs : idleMs, this.#wake.signal).catch(() => undefined);
    }
  }

  /** Sends what has changed; true when there is soon something new. */
  async #tell(): Promise<boolean> {
    try {
      const state = await this.state();
      for (const language of languages) this.#sendTo(language, state);
      return this.#options.isBusy(state);
    } catch (error) {
      this.#options.log.error({ err: error }, 'live pages cannot be shown what goes on');
      for (const viewer of this.#viewers) this.#write(viewer, 'trouble', {});
      return false;
    }
  }

  #sendTo(language: Language, state: State): void {
    const own = [...this.#viewers].filter((viewer) => viewer.language === language);
    if (own.length === 0) return;
    const nowMs = this.#options.clock.now();
    const format = this.#formats[language];
    const parts = this.#options.render(state, { language, format, nowMs });
    for (const viewer of own) {
      const changed = Object.entries(parts).filter(([name, html]) => viewer.sent[name] !== html);
      if (changed.length === 0) continue;
      viewer.sent = parts;
      const names = Object.keys(parts);
      this.#write(viewer, 'parts', { time: format.time(nowMs), names, parts: Object.fromEntries(changed) });
    }
  }

  #beat(): void {
    const nowMs = this.#options.clock.now();
    for (const viewer of this.#viewers) {
      if (viewer.mayStay()) {
        this.#write(viewer, 'beat', { time: this.#formats[viewer.language].time(nowMs) });
      } else {
        this.#write(viewer, 'leave', {});
        this.#drop(viewer);
      }
    }
  }

  #write(viewer: Viewer, event: string, data: unknown): void {
    const { response } = viewer;
    if (response.writableLength > mostUnreadBytes) {
      this.#drop(viewer);
      response.destroy();
      return;
    }
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #drop(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    viewer.response.end();
  }
}

/**
 * Keeps open pages right: looks once for all of them, every second while something goes on, renders each part once for each
 * language, and sends a page the parts that have changed (server-sent events). Without viewers it does nothing.
 */
import type { Response } from 'express';
import type { Clock } from '../../src/clock.ts';
import type { Log } from '../../src/log.ts';
import { createFormats } from '../format.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Language } from '../texts/common.ts';
import { languages } from '../texts/common.ts';
import type { HubContext, Parts, Rendition, Renditions } from './renditions.ts';
import { changedParts, createRenditions } from './renditions.ts';

export interface HubOptions<State> {
  readonly look: () => Promise<State>;
  /** Whether there is soon something new. */
  readonly isBusy: (state: State) => boolean;
  readonly render: (state: State, context: HubContext) => Parts;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Hub {
  /** What a page shows that is loaded now; at most a second old. @throws whatever `look` does. */
  readonly now: (language: Language) => Promise<Rendition>;
  /**
   * Answers with a stream that begins with what has changed since the rendition that the page has, or with every part.
   * @throws HttpProblem 503 when too many are watching.
   */
  readonly attach: (response: Response, page: OpenPage) => void;
  /** Ends every stream; later ones are refused. */
  readonly close: () => Promise<void>;
}

export interface OpenPage {
  readonly language: Language;
  /** Rendition that it has; null when it does not say. */
  readonly seen: string | null;
  /** Asked every few seconds; false ends the stream. */
  readonly mayStay: () => boolean;
}

interface Viewer extends OpenPage {
  readonly response: Response;
  seen: string | null;
  /** False until it was told something: then it knows that it is connected. */
  hasHeard: boolean;
}

const busyMs = 1_000;
const idleMs = 5_000;
/** A proxy closes what is silent; a page that hears nothing knows that it is cut off. */
const beatMs = 10_000;
const mostViewers = 200;
/** A viewer that has not taken this much has stopped reading; it may connect again. */
const mostUnreadBytes = 1_000_000;

/** Looks at nothing yet. */
export function createHub<State>(options: HubOptions<State>): Hub {
  return new LiveHub(options);
}

class LiveHub<State> implements Hub {
  readonly #options: HubOptions<State>;
  readonly #renditions: Renditions<State>;
  readonly #formats = createFormats();
  readonly #viewers = new Set<Viewer>();
  readonly #ending = new AbortController();
  #looked: { readonly atMs: number; readonly state: Promise<State> } | null = null;
  #loop: Promise<void> | null = null;
  /** Ends the pause of the loop when somebody comes. */
  #wake = new AbortController();

  constructor(options: HubOptions<State>) {
    this.#options = options;
    this.#renditions = createRenditions(options.render, options.clock);
  }

  now: Hub['now'] = async (language) => this.#renditions.of(await this.#state(), language);

  #state(): Promise<State> {
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
  }

  attach: Hub['attach'] = (response, page) => {
    if (this.#ending.signal.aborted || this.#viewers.size >= mostViewers) {
      throw new HttpProblem(503, `expected at most ${mostViewers} live pages, got one more; close some`);
    }
    const viewer: Viewer = { ...page, response, hasHeard: false };
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
      const state = await this.#state();
      for (const language of languages) this.#sendTo(language, state);
      return this.#options.isBusy(state);
    } catch (error) {
      this.#options.log.error({ err: error }, 'live pages cannot be shown what goes on');
      for (const viewer of this.#viewers) this.#write(viewer, eventOf('trouble', {}));
      return false;
    }
  }

  #sendTo(language: Language, state: State): void {
    const own = [...this.#viewers].filter((viewer) => viewer.language === language);
    if (own.length === 0) return;
    const rendition = this.#renditions.of(state, language);
    const time = this.#formats[language].time(this.#options.clock.now());
    // Most pages have seen the same: they are sent the same.
    const messages = new Map<string | null, string>();
    for (const viewer of own) {
      if (viewer.seen !== rendition.id) {
        const message = messages.get(viewer.seen) ?? this.#changesSince(viewer.seen, rendition, time);
        messages.set(viewer.seen, message);
        this.#write(viewer, message);
        viewer.seen = rendition.id;
      } else if (!viewer.hasHeard) {
        this.#write(viewer, eventOf('beat', { time }));
      }
      viewer.hasHeard = true;
    }
  }

  #changesSince(seen: string | null, { id, parts }: Rendition, time: string): string {
    const before = seen === null ? null : this.#renditions.known(seen);
    return `id: ${id}\n${eventOf('parts', { time, names: Object.keys(parts), parts: changedParts(before ?? {}, parts) })}`;
  }

  #beat(): void {
    const nowMs = this.#options.clock.now();
    for (const viewer of this.#viewers) {
      if (viewer.mayStay()) {
        this.#write(viewer, eventOf('beat', { time: this.#formats[viewer.language].time(nowMs) }));
      } else {
        this.#write(viewer, eventOf('leave', {}));
        this.#drop(viewer);
      }
    }
  }

  #write(viewer: Viewer, message: string): void {
    const { response } = viewer;
    if (response.writableLength > mostUnreadBytes) {
      this.#drop(viewer);
      response.destroy();
      return;
    }
    response.write(message);
  }

  #drop(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    viewer.response.end();
  }
}

function eventOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

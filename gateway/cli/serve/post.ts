// A place that one worker after the other holds: when one dies, another is started, and the longer they keep dying the later.

import cluster, { type Worker } from 'node:cluster';
import type { Log } from '../../kernel/log.ts';
import { EXIT } from '../command.ts';
import { openLine, type Answers, type Line } from './line.ts';
import { WORKER_VARIABLE, type Followed, type Serving } from './worker.ts';

/** The place of one worker. */
export interface Post {
  readonly number: number;
  /** What it said when it began to serve, and goes by now; undefined where nobody serves here. */
  serving(): Serving | undefined;
  /** Resolves when it serves; with its exit code where it ends before. */
  start(): Promise<number | undefined>;
  readonly ask: (what: string) => Promise<unknown>;
  tell(what: string, about: unknown): void;
  /** Left out where the worker does not keep up. */
  mention(what: string, about: unknown): void;
  /** Has it leave, and answers with its exit code; nobody follows. */
  stop(signal: string): Promise<number>;
  /** Ends it at once; nobody follows. */
  kill(): void;
  /** Resolves with an exit code where nobody serves any more and who was started anew ended at once. */
  readonly hopeless: Promise<number>;
}

/** What a post says to who keeps it. */
export interface PostWatch {
  readonly log: Log;
  /** Whether a worker that is started anew now would find a sound configuration. */
  readonly mayStart: () => boolean;
  /** Whether no worker serves at all. */
  readonly isAlone: () => boolean;
  readonly left: (number: number) => void;
  readonly restarted: (number: number, serving: Serving) => void;
  /** It goes by another configuration from now on. */
  readonly followed: (by: Followed) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Who has served for this long did not die of its start. */
const SOUND_MS = 60_000;

/** Opens the post; `answers` is what its workers may ask. */
export function openPost(number: number, answers: Answers, watch: PostWatch): Post {
  const { log, mayStart, isAlone, left, restarted, followed } = watch;
  const hopeless = Promise.withResolvers<number>();
  let worker: Worker | undefined;
  let line: Line | undefined;
  let serving: Serving | undefined;
  let isOver = false;
  let deaths = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Resolves when it serves, or with its exit code. */
  function start(): Promise<number | undefined> {
    const begun = Promise.withResolvers<number | undefined>();
    const own = cluster.fork({ [WORKER_VARIABLE]: number });
    worker = own;
    line = openLine(
      {
        send: (message, done) => own.send(message as object, undefined, done),
        listen: (hear) => void own.on('message', hear),
      },
      {
        ...answers,
        serving: (about) => {
          serving = about as Serving;
          const sound = setTimeout(() => (deaths = 0), SOUND_MS).unref();
          own.once('exit', () => clearTimeout(sound));
          begun.resolve(undefined);
        },
        configured: (about) => {
          if (serving === undefined) return;
          serving = { ...serving, ...(about as Followed) };
          followed(serving);
        },
      },
    );
    // Of one that could not be started at all there is no exit; of the others, a message was under way when they died.
    own.on('error', () => {
      if (own.process.pid === undefined) begun.resolve(EXIT.failed);
    });
    own.once('exit', (code: number | null, signal: string | null) => {
      const hasServed = serving !== undefined;
      serving = worker = line = undefined;
      left(number);
      begun.resolve(code ?? EXIT.failed);
      if (!isOver && hasServed) again({ code, signal });
    });
    return begun.promise;
  }

  function again(how: { readonly code: number | null; readonly signal: string | null }): void {
    const againInMs = deaths === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deaths - 1));
    deaths += 1;
    log.error('worker-died', { worker: number, ...how, againInMs });
    timer = setTimeout(() => void restart(), againInMs);
  }

  async function restart(): Promise<void> {
    const code = mayStart() ? await start() : EXIT.fault;
    if (isOver) return;
    if (code === undefined && serving !== undefined) restarted(number, serving);
    else if (isAlone()) hopeless.resolve(code ?? EXIT.failed);
    else again({ code: code ?? null, signal: null });
  }

  const gone = (own: Worker): Promise<number> =>
    new Promise((resolve) => own.once('exit', (code: number | null) => resolve(code ?? EXIT.failed)));

  return {
    number,
    serving: () => serving,
    start,
    ask: (what) => line?.ask(what) ?? Promise.reject(new Error('nobody serves here')),
    tell: (what, about) => line?.tell(what, about),
    mention: (what, about) => line?.mention(what, about),
    stop: async (signal) => {
      isOver = true;
      clearTimeout(timer);
      if (worker === undefined) return EXIT.done;
      const end = gone(worker);
      line?.tell('stop', signal);
      return end;
    },
    kill: () => {
      isOver = true;
      clearTimeout(timer);
      worker?.process.kill('SIGKILL');
    },
    hopeless: hopeless.promise,
  };
}

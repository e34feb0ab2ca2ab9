// What jars have taken and the store does not have yet: written in order, one write of a jar after the other, and again where the
// store is away (P7, P13). Whoever reads the jar meanwhile has it laid over what is stored.

import type { Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { SessionId } from '../kernel/words.ts';
import type { StoredCookie } from './contents.ts';
import type { CookieChange } from './jar.ts';

/** What this needs. */
export interface UnwrittenParts {
  /** Writes one jar's changes; answers with the jar's version. */
  readonly merge: (session: SessionId, app: string, changes: readonly CookieChange[]) => Promise<number>;
  readonly elapsed: Elapsed;
  readonly log: Log;
}

/** What the store does not have yet. */
export interface Unwritten {
  /**
   * Writes after all that was taken for this jar before, and answers with its version; undefined where it was given up, which is logged.
   * Never rejects. Each take is one write, also when it waits: browsers have been told which version the jar will have.
   */
  write(session: SessionId, app: string, changes: readonly CookieChange[]): Promise<number | undefined>;
  /** A jar as it will be when all is written. */
  over(session: SessionId, app: string, stored: readonly StoredCookie[]): readonly StoredCookie[];
  /** The apps whose jars in a session are still being written. */
  apps(session: SessionId): readonly string[];
  /** Resolves when everything taken so far is written, or has failed once more and is given up. */
  settled(): Promise<void>;
}

/** Writes that wait for a store that is away, of all sessions; 50 bytes to 16 KiB each. */
const MAX_WAITING = 5000;
/** Longer than an outage that somebody sees to. */
const MAX_WAIT_MS = 15 * 60_000;
/** One write is tried for all that wait: where it works, the others follow at once. */
const TRY_EVERY_MS = 100;

/** The writes of one jar, oldest first. */
interface Line {
  readonly waiting: Set<readonly CookieChange[]>;
  last: Promise<unknown>;
}

/** Nothing waits at first. */
export function openUnwritten({ merge, elapsed, log }: UnwrittenParts): Unwritten {
  const lines = new Map<string, Line>();
  let taken = 0;
  const sleeping: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** Writes that have failed and are not done. */
  let failing = 0;
  let isLeaving = false;

  const sleep = (): Promise<void> =>
    new Promise((woken) => {
      sleeping.push(woken);
      timer ??= setInterval(() => wake(1), TRY_EVERY_MS);
    });

  function wake(count: number): void {
    for (const one of sleeping.splice(0, count)) one();
    if (sleeping.length > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  /** The jar's version, or why it is not written. */
  async function tried(...[session, app, changes]: Parameters<typeof merge>): Promise<number | { error: string }> {
    try {
      return await merge(session, app, changes);
    } catch (error) {
      return { error: String(error) };
    }
  }

  async function persist(
    session: SessionId,
    app: string,
    changes: readonly CookieChange[],
    since: number,
  ): Promise<number | undefined> {
    const first = await tried(session, app, changes);
    if (typeof first === 'number') return first;
    if (failing === 0) log.warn('cookies-wait', { app, error: first.error });
    failing += 1;
    let last: typeof first | number = first;
    while (typeof last !== 'number' && !isLeaving && taken <= MAX_WAITING && elapsed() - since <= MAX_WAIT_MS) {
      await sleep();
      last = await tried(session, app, changes);
    }
    failing -= 1;
    if (typeof last !== 'number') {
      log.error('cookies-not-written', { app, error: last.error });
      return undefined;
    }
    wake(Infinity);
    if (failing === 0) log.info('cookies-written-late', {});
    return last;
  }

  return {
    write(session, app, changes) {
      const name = nameOf(session, app);
      const line = lines.get(name) ?? { waiting: new Set(), last: Promise.resolve() };
      lines.set(name, line);
      line.waiting.add(changes);
      taken += 1;
      const since = elapsed();
      const written = line.last
        .then(() => persist(session, app, changes, since))
        .finally(() => {
          taken -= 1;
          line.waiting.delete(changes);
          if (line.waiting.size === 0) lines.delete(name);
        });
      line.last = written;
      return written;
    },

    over(session, app, stored) {
      const line = lines.get(nameOf(session, app));
      if (line === undefined) return stored;
      const texts = new Map<string, string | undefined>(stored.map(({ name, text }) => [name, text]));
      for (const { name, text } of [...line.waiting].flat()) texts.set(name, text);
      return [...texts].flatMap(([name, text]) => (text === undefined ? [] : { name, text }));
    },

    apps(session) {
      const prefix = nameOf(session, '');
      return [...lines.keys()].flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []));
    },

    async settled() {
      isLeaving = true;
      wake(Infinity);
      await Promise.all([...lines.values()].map(({ last }) => last));
      isLeaving = false;
    },
  };
}

/** Session ids have no space. */
const nameOf = (session: SessionId, app: string): string => `${session} ${app}`;

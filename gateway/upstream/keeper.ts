// Keeps the jars that are in use in memory and writes every change to the store at once (P7, P13).

import type { Log } from '../kernel/log.ts';
import type { SessionId } from '../kernel/words.ts';
import type { AppHosts } from './cookie.ts';
import { openJar, type CookieChange, type SharedJar, type StoredCookie } from './jar.ts';

/** What this room needs of a store. `sessions.Jars` fits. */
export interface JarsPort {
  read(session: SessionId, app: string): Promise<readonly StoredCookie[]>;
  /** The jar's version; 0, and nothing is kept, where the session no longer lives. */
  merge(session: SessionId, app: string, changes: readonly CookieChange[]): Promise<number>;
  /** The apps that have cookies here. */
  apps(session: SessionId): Promise<readonly string[]>;
}

export interface KeeperOptions {
  readonly hostsOf: (app: string) => AppHosts;
  readonly log: Log;
  /** Sessions whose jars are kept in memory; some 1 KiB each as a rule, 16 KiB an app at most. Default 10 000. */
  readonly maxSessions?: number | undefined;
}

export interface JarKeeper {
  /**
   * The jar of an app in a session; at once where it is in memory. What it takes is written at once, in order; a write that
   * fails is logged, and the jar keeps what it has. Rejects where the store cannot be read: half a jar is none.
   */
  jarFor(session: SessionId, app: string): SharedJar | Promise<SharedJar>;
  /** The apps that have set cookies, those whose cookies are still being written too. Who ends a session asks this. */
  apps(session: SessionId): Promise<readonly string[]>;
  /** Forgets what is in memory; the store is left alone. */
  drop(session: SessionId): void;
  /** Resolves when everything taken so far is written. */
  settled(): Promise<void>;
}

interface Held {
  readonly jars: Map<string, SharedJar | Promise<SharedJar>>;
  /** Apps whose jars have changed since they were read. */
  readonly changed: Set<string>;
  /** Asked for since it was last looked over: passed over once when room is made. */
  isUsed: boolean;
}

const MAX_SESSIONS = 10_000;

/** Opens the jars over a store. */
export function openJars(port: JarsPort, { hostsOf, log, maxSessions = MAX_SESSIONS }: KeeperOptions): JarKeeper {
  const sessions = new Map<SessionId, Held>();
  const unwritten = new Set<Promise<void>>();

  function open(session: SessionId, app: string, held: Held): Promise<SharedJar> {
    const opening = read(session, app).then(
      (jar) => {
        // Not where somebody has written meanwhile: this jar may lack it, and serves only those who wait for it.
        if (held.jars.get(app) === opening) held.jars.set(app, jar);
        return jar;
      },
      (error: unknown) => {
        held.jars.delete(app);
        throw error;
      },
    );
    held.jars.set(app, opening);
    return opening;
  }

  async function read(session: SessionId, app: string): Promise<SharedJar> {
    const jar = openJar(await port.read(session, app), hostsOf(app), (reason, name) => {
      log.warn('cookie-refused', { app, reason, cookie: name });
    });
    return writing(session, app, jar);
  }

  /** A jar that writes what it takes, one write after the other. */
  function writing(session: SessionId, app: string, jar: SharedJar): SharedJar {
    let last = Promise.resolve();
    const kept = (changes: readonly CookieChange[]): readonly CookieChange[] => {
      if (changes.length === 0) return changes;
      sessions.get(session)?.changed.add(app);
      const written = last.then(() => write(session, app, self, changes));
      last = written;
      unwritten.add(written);
      void written.then(() => unwritten.delete(written));
      return changes;
    };
    const self: SharedJar = {
      ...jar,
      take: (...answer) => kept(jar.take(...answer)),
      change: (...change) => kept(jar.change(...change)),
    };
    return self;
  }

  async function write(
    session: SessionId,
    app: string,
    jar: SharedJar,
    changes: readonly CookieChange[],
  ): Promise<void> {
    try {
      if ((await port.merge(session, app, changes)) === 0) sessions.delete(session);
    } catch (error) {
      log.error('cookies-not-written', { app, error: String(error) });
    }
    // Somebody opened the same jar anew while this one was still in use: what they have read may lack what was just written.
    const held = sessions.get(session);
    if (held?.jars.get(app) !== jar) held?.jars.delete(app);
  }

  /** Makes room for one: the oldest that nobody has asked for since its last turn goes. */
  function makeRoom(): void {
    for (const [session, held] of sessions) {
      if (sessions.size < maxSessions) return;
      sessions.delete(session);
      if (held.isUsed) sessions.set(session, held);
      held.isUsed = false;
    }
  }

  return {
    jarFor(session, app) {
      let held = sessions.get(session);
      if (held === undefined) {
        makeRoom();
        held = { jars: new Map(), changed: new Set(), isUsed: false };
        sessions.set(session, held);
      }
      held.isUsed = true;
      return held.jars.get(app) ?? open(session, app, held);
    },
    async apps(session) {
      const stored = await port.apps(session);
      return [...new Set([...stored, ...(sessions.get(session)?.changed ?? [])])];
    },
    drop: (session) => void sessions.delete(session),
    settled: async () => {
      await Promise.all(unwritten);
    },
  };
}

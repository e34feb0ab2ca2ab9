// Keeps the jars that are in use in memory and writes every change to the store at once (P7, P13).

import { setTimeout as pause } from 'node:timers/promises';
import { systemElapsed, type Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { SessionId } from '../kernel/words.ts';
import type { AppHosts } from './cookie.ts';
import { openJar, type CookieChange, type SharedJar, type StoredCookie } from './jar.ts';
import { openUnwritten } from './unwritten.ts';

/** What this room needs of a store. `sessions.Jars` fits. */
export interface JarsPort {
  read(session: SessionId, app: string): Promise<readonly StoredCookie[]>;
  /** The jar's version; 0, and nothing is kept, where the session no longer lives. */
  merge(session: SessionId, app: string, changes: readonly CookieChange[]): Promise<number>;
  /** The apps that have cookies here. */
  apps(session: SessionId): Promise<readonly string[]>;
}

/** What there is beyond that where other nodes write the same jars. `sessions.Nodes` fits. */
export interface SharedJarsPort {
  /** Grows with every merge. */
  jarVersion(session: SessionId, app: string): Promise<number>;
  /** Any node has changed a jar; the word of it may be lost. */
  onJarChanged(listener: (session: SessionId, app: string, version: number) => void): void;
}

/** What keeping jars goes by. */
export interface KeeperOptions {
  /** Undefined where this process has the store to itself. */
  readonly shared?: SharedJarsPort | undefined;
  readonly hostsOf: (app: string) => AppHosts;
  readonly log: Log;
  /** The process's own where it is not given. */
  readonly elapsed?: Elapsed | undefined;
  /** Sessions whose jars are kept in memory; some 1 KiB each as a rule, 16 KiB an app at most. Default 10 000. */
  readonly maxSessions?: number | undefined;
}

/** Keeps the jars of all sessions and apps. */
export interface JarKeeper {
  /**
   * The jar of an app in a session; at once where it is in memory. What it takes is written at once, in order; a write that
   * fails is tried again, and the jar has meanwhile what it took. Rejects where the store cannot be read: half a jar is none. `atLeast` is the
   * version that the browser was told of, by whichever node: an older jar is read again.
   */
  jarFor(session: SessionId, app: string, atLeast?: number): SharedJar | Promise<SharedJar>;
  /** The version that a jar has, or will have when all that was taken is written; 0 where nobody has to be told. */
  versionOf(session: SessionId, app: string): number;
  /** The apps that have set cookies, those whose cookies are still being written too. Who ends a session asks this. */
  apps(session: SessionId): Promise<readonly string[]>;
  /** Reads every jar of an app anew before it is used again: its hosts are others now. */
  reread(app: string): void;
  /** Forgets what is in memory; the store is left alone. */
  drop(session: SessionId): void;
  /** Resolves when everything taken so far is written, or given up: who asks is about to leave. */
  settled(): Promise<void>;
}

interface Held {
  readonly jars: Map<string, SharedJar | Promise<SharedJar>>;
  /** Apps whose jars have changed since they were read. */
  readonly changed: Set<string>;
  /** By app, where other nodes write the same jars. */
  readonly versions: Map<string, Version>;
  /** Asked for since it was last looked over: passed over once when room is made. */
  isUsed: boolean;
}

interface Version {
  /** Of what is in memory. */
  known: number;
  /** Merges of ours under way, each of which makes it one more. */
  pending: number;
  /** The highest that a browser has named. */
  asked: number;
}

const MAX_SESSIONS = 10_000;
/** How long a version is waited for that a browser names and the store has not: the merge may be under way at another node. */
const LATE_MS = { each: 25, times: 10 } as const;

/** Opens the jars over a store. */
export function openJars(
  port: JarsPort,
  { hostsOf, log, shared, elapsed = systemElapsed, maxSessions = MAX_SESSIONS }: KeeperOptions,
): JarKeeper {
  const sessions = new Map<SessionId, Held>();
  const unwritten = openUnwritten({ merge: (...write) => port.merge(...write), elapsed, log });

  function open(session: SessionId, app: string, held: Held): Promise<SharedJar> {
    const opening = read(session, app, held).then(
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

  function versionIn(held: Held, app: string): Version {
    const version = held.versions.get(app) ?? { known: 0, pending: 0, asked: 0 };
    held.versions.set(app, version);
    return version;
  }

  /** The version before the cookies: in the other order a merge between the two would be taken for known. */
  async function readVersion(from: SharedJarsPort, session: SessionId, app: string, version: Version): Promise<void> {
    for (let times = 0; times < LATE_MS.times; times += 1) {
      if (times > 0) await pause(LATE_MS.each);
      version.known = await from.jarVersion(session, app);
      if (version.known >= version.asked) return;
    }
  }

  async function read(session: SessionId, app: string, held: Held): Promise<SharedJar> {
    if (shared !== undefined) await readVersion(shared, session, app, versionIn(held, app));
    const stored = await port.read(session, app);
    const jar = openJar(unwritten.over(session, app, stored), hostsOf(app), (reason, name) => {
      log.warn('cookie-refused', { app, reason, cookie: name });
    });
    return writing(session, app, jar);
  }

  /** A jar that writes what it takes. */
  function writing(session: SessionId, app: string, jar: SharedJar): SharedJar {
    const kept = (changes: readonly CookieChange[]): readonly CookieChange[] => {
      if (changes.length === 0) return changes;
      const held = sessions.get(session);
      held?.changed.add(app);
      if (shared !== undefined && held !== undefined) versionIn(held, app).pending += 1;
      onlyAlone(self);
      void unwritten.write(session, app, changes).then((version) => {
        if (version === 0) sessions.delete(session);
        merged(session, app, version);
        onlyAlone(self);
      });
      return changes;
    };
    /** Somebody opened the same jar anew while this one was still in use: what they have read may lack what this one took. */
    const onlyAlone = (jar: SharedJar): void => {
      const held = sessions.get(session);
      if (held?.jars.get(app) !== jar) held?.jars.delete(app);
    };
    const self: SharedJar = {
      ...jar,
      take: (...answer) => kept(jar.take(...answer)),
      change: (...change) => kept(jar.change(...change)),
    };
    return self;
  }

  /** Where the version is not the next one, another node has written what this jar lacks. */
  function merged(session: SessionId, app: string, now: number | undefined): void {
    const held = sessions.get(session);
    const version = held?.versions.get(app);
    if (held === undefined || version === undefined) return;
    version.pending = Math.max(0, version.pending - 1);
    if (now === version.known + 1) version.known = now;
    else if (now !== undefined) held.jars.delete(app);
  }

  shared?.onJarChanged((session, app, now) => {
    const held = sessions.get(session);
    const version = held?.versions.get(app);
    // While something of ours is under way, its answer tells.
    if (version?.pending === 0 && version.known < now) held?.jars.delete(app);
  });

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
    jarFor(session, app, atLeast = 0) {
      let held = sessions.get(session);
      if (held === undefined) {
        makeRoom();
        held = { jars: new Map(), changed: new Set(), versions: new Map(), isUsed: false };
        sessions.set(session, held);
      }
      held.isUsed = true;
      if (shared !== undefined && atLeast > 0) {
        const version = versionIn(held, app);
        // Each number costs one read, however often it is named: it may be nobody's.
        const isNews = atLeast > version.asked && atLeast > version.known + version.pending;
        version.asked = Math.max(version.asked, atLeast);
        if (isNews) held.jars.delete(app);
      }
      return held.jars.get(app) ?? open(session, app, held);
    },
    versionOf(session, app) {
      const version = sessions.get(session)?.versions.get(app);
      return version === undefined ? 0 : version.known + version.pending;
    },
    async apps(session) {
      const stored = await port.apps(session);
      return [...new Set([...stored, ...(sessions.get(session)?.changed ?? [])])];
    },
    reread: (app) => {
      for (const { jars } of sessions.values()) jars.delete(app);
    },
    drop: (session) => void sessions.delete(session),
    settled: () => unwritten.settled(),
  };
}

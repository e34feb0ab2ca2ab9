// Keeps the jars that are in use in memory and writes every change to the store at once (P7, P13).

import { setTimeout as pause } from 'node:timers/promises';
import { systemElapsed, type Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { SessionId } from '../kernel/words.ts';
import type { AppHosts, CookieRefusal } from './cookie.ts';
import type { StoredCookie } from './contents.ts';
import { OpenJar, type CookieChange, type JarTerms, type SharedJar } from './jar.ts';
import { Shelf, type Held, type Version } from './shelf.ts';
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
  /** Sessions whose jars are kept in memory. Default 120,000, as many as are remembered themselves. */
  readonly maxSessions?: number | undefined;
  /** What all jars in memory may take, roughly; of more the store is asked again. Default 48 MiB: 55,000 sessions with one short cookie each. */
  readonly maxBytes?: number | undefined;
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

const MAX_SESSIONS = 120_000;
const MAX_BYTES = 48 * 1024 ** 2;
/** How long a version is waited for that a browser names and the store has not: the merge may be under way at another node. */
const LATE_MS = { each: 25, times: 10 } as const;

/** Opens the jars over a store. */
export function openJars(
  port: JarsPort,
  { hostsOf, log, shared, elapsed = systemElapsed, maxSessions = MAX_SESSIONS, maxBytes = MAX_BYTES }: KeeperOptions,
): JarKeeper {
  const shelf = new Shelf({ maxSessions, maxBytes });
  const unwritten = openUnwritten({ merge: (...write) => port.merge(...write), elapsed, log });
  /** One for each app, not for each jar. */
  const terms = new Map<string, WrittenTerms>();

  function open(session: SessionId, held: Held): Promise<SharedJar> {
    const opening = read(session, held).then(
      (jar) => {
        // Not where somebody has written meanwhile: this jar may lack it, and serves only those who wait for it.
        if (held.jar === opening) shelf.lay(held, jar);
        return jar;
      },
      (error: unknown) => {
        if (held.jar === opening) held.jar = undefined;
        throw error;
      },
    );
    held.jar = opening;
    return opening;
  }

  /** The version before the cookies: in the other order a merge between the two would be taken for known. */
  async function readVersion(from: SharedJarsPort, session: SessionId, app: string, version: Version): Promise<void> {
    for (let times = 0; times < LATE_MS.times; times += 1) {
      if (times > 0) await pause(LATE_MS.each);
      version.known = await from.jarVersion(session, app);
      if (version.known >= version.asked) return;
    }
  }

  async function read(session: SessionId, held: Held): Promise<SharedJar> {
    const { app } = held;
    if (shared !== undefined) await readVersion(shared, session, app, versionOf(held));
    const stored = await port.read(session, app);
    return new WrittenJar(unwritten.over(session, app, stored), session, termsOf(app));
  }

  function termsOf(app: string): WrittenTerms {
    const known = terms.get(app);
    if (known !== undefined) return known;
    const onRefused = (reason: CookieRefusal, name: string): void => {
      log.warn('cookie-refused', { app, reason, cookie: name });
    };
    const made = { app, hosts: hostsOf(app), onRefused, kept };
    terms.set(app, made);
    return made;
  }

  /** A jar writes what it takes. */
  function kept(jar: WrittenJar, changes: readonly CookieChange[]): void {
    const { session } = jar;
    const { app } = jar.terms;
    const held = shelf.find(session, app);
    if (held !== undefined) {
      held.isChanged = true;
      if (held.jar === jar) shelf.weigh(held);
      if (shared !== undefined) versionOf(held).pending += 1;
    }
    onlyAlone(jar);
    void unwritten.write(session, app, changes).then((version) => {
      if (version === 0) shelf.drop(session);
      merged(session, app, version);
      onlyAlone(jar);
    });
  }

  /** Somebody opened the same jar anew while this one was still in use: what they have read may lack what this one took. */
  function onlyAlone(jar: WrittenJar): void {
    const held = shelf.find(jar.session, jar.terms.app);
    if (held !== undefined && held.jar !== jar) held.jar = undefined;
  }

  /** Where the version is not the next one, another node has written what this jar lacks. */
  function merged(session: SessionId, app: string, now: number | undefined): void {
    const held = shelf.find(session, app);
    const version = held?.version;
    if (held === undefined || version === undefined) return;
    version.pending = Math.max(0, version.pending - 1);
    if (now === version.known + 1) version.known = now;
    else if (now !== undefined) held.jar = undefined;
  }

  shared?.onJarChanged((session, app, now) => {
    const held = shelf.find(session, app);
    // While something of ours is under way, its answer tells.
    if (held?.version?.pending === 0 && held.version.known < now) held.jar = undefined;
  });

  return {
    jarFor(session, app, atLeast = 0) {
      const held = shelf.place(session, app);
      if (shared !== undefined && atLeast > 0) {
        const version = versionOf(held);
        // Each number costs one read, however often it is named: it may be nobody's.
        const isNews = atLeast > version.asked && atLeast > version.known + version.pending;
        version.asked = Math.max(version.asked, atLeast);
        if (isNews) held.jar = undefined;
      }
      return held.jar ?? open(session, held);
    },
    versionOf(session, app) {
      const version = shelf.find(session, app)?.version;
      return version === undefined ? 0 : version.known + version.pending;
    },
    async apps(session) {
      const stored = await port.apps(session);
      return [...new Set([...stored, ...shelf.changed(session), ...unwritten.apps(session)])];
    },
    reread: (app) => {
      terms.delete(app);
      for (const held of shelf.all()) if (held.app === app) held.jar = undefined;
    },
    drop: (session) => shelf.drop(session),
    settled: () => unwritten.settled(),
  };
}

const versionOf = (held: Held): Version => (held.version ??= { known: 0, pending: 0, asked: 0 });

/** What all jars of an app share, and who is told of what one takes. */
interface WrittenTerms extends JarTerms {
  readonly app: string;
  readonly kept: (jar: WrittenJar, changes: readonly CookieChange[]) => void;
}

/** A jar that tells of everything it takes. */
class WrittenJar extends OpenJar {
  readonly session: SessionId;
  /** The same as `OpenJar` has. */
  declare readonly terms: WrittenTerms;

  constructor(stored: readonly StoredCookie[], session: SessionId, terms: WrittenTerms) {
    super(stored, terms);
    this.session = session;
  }

  override take(...answer: Parameters<SharedJar['take']>): readonly CookieChange[] {
    return this.#told(super.take(...answer));
  }

  override change(...change: Parameters<SharedJar['change']>): readonly CookieChange[] {
    return this.#told(super.change(...change));
  }

  #told(changes: readonly CookieChange[]): readonly CookieChange[] {
    if (changes.length > 0) this.terms.kept(this, changes);
    return changes;
  }
}

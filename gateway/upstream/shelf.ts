// The jars that are in memory, by session and app, and room for them: many sessions rest here, so that each costs what it holds and no more.

import type { SessionId } from '../kernel/words.ts';
import { OpenJar, type SharedJar } from './jar.ts';

/** One app's jar in a session, and behind it the next app's: most sessions have one. */
export interface Held {
  readonly app: string;
  next: Held | undefined;
  jar: SharedJar | Promise<SharedJar> | undefined;
  /** What it counts for; 0 where it does not stand here any more. */
  bytes: number;
  /** `sights` of the jar, as they were weighed. */
  sights: number;
  /** Whether it has changed since it was read. */
  isChanged: boolean;
  /** Where other nodes write the same jars. */
  version: Version | undefined;
  /** Of the session, noted at its first app: asked for since it was last looked over, so passed over once when room is made. */
  isUsed: boolean;
}

/** What is known of a jar that several nodes write. */
export interface Version {
  /** Of what is in memory. */
  known: number;
  /** Merges of ours under way, each of which makes it one more. */
  pending: number;
  /** The highest that a browser has named. */
  asked: number;
}

/** As measured with 10,000 (Node 24): a jar with nothing in it and its place, what its first cookie needs beside, and each without its text. */
const JAR_BYTES = 220;
const FIRST_COOKIE_BYTES = 350;
const COOKIE_BYTES = 210;
/** What a cookie says stands there by itself and in the header that is sent. */
const TEXTS = 2;
/** An address that was looked at, or a stranger there. */
const SIGHT_BYTES = 160;

/** Jars by session and app, no more than `maxSessions` and, roughly, `maxBytes`. */
export class Shelf {
  readonly #maxSessions: number;
  readonly #maxBytes: number;
  readonly #sessions = new Map<SessionId, Held>();
  #bytes = 0;

  constructor({ maxSessions, maxBytes }: { readonly maxSessions: number; readonly maxBytes: number }) {
    this.#maxSessions = maxSessions;
    this.#maxBytes = maxBytes;
  }

  /** The place of a jar, where it has one. */
  find(session: SessionId, app: string): Held | undefined {
    let held = this.#sessions.get(session);
    while (held !== undefined && held.app !== app) held = held.next;
    return held;
  }

  /** The place of a jar that is wanted now, made where there is none. */
  place(session: SessionId, app: string): Held {
    let first = this.#sessions.get(session);
    if (first === undefined) {
      this.#makeRoom();
      first = this.#newPlace(app);
      this.#sessions.set(session, first);
    }
    first.isUsed = true;
    let held = first;
    while (held.app !== app) held = held.next ??= this.#newPlace(app);
    const { jar } = held;
    if (jar instanceof OpenJar && jar.sights !== held.sights) this.weigh(held);
    return held;
  }

  /** Puts a jar in its place. */
  lay(held: Held, jar: SharedJar): void {
    held.jar = jar;
    this.weigh(held);
  }

  /** Weighs a jar anew that has changed. */
  weigh(held: Held): void {
    const { jar } = held;
    if (held.bytes === 0 || !(jar instanceof OpenJar)) return;
    const cookies = jar.count === 0 ? 0 : FIRST_COOKIE_BYTES + jar.count * COOKIE_BYTES + TEXTS * jar.bytes;
    const bytes = JAR_BYTES + cookies + jar.sights * SIGHT_BYTES;
    held.sights = jar.sights;
    this.#bytes += bytes - held.bytes;
    held.bytes = bytes;
  }

  /** Takes all jars of a session away; one that is still being read serves those who wait for it and nobody else. */
  drop(session: SessionId): void {
    for (let held = this.#sessions.get(session); held !== undefined; held = held.next) {
      this.#bytes -= held.bytes;
      held.bytes = 0;
      held.jar = undefined;
    }
    this.#sessions.delete(session);
  }

  /** Every place there is. */
  *all(): Generator<Held> {
    for (const first of this.#sessions.values()) {
      for (let held: Held | undefined = first; held !== undefined; held = held.next) yield held;
    }
  }

  /** The apps whose jars have changed since they were read. */
  changed(session: SessionId): string[] {
    const apps: string[] = [];
    for (let held = this.#sessions.get(session); held !== undefined; held = held.next) {
      if (held.isChanged) apps.push(held.app);
    }
    return apps;
  }

  #newPlace(app: string): Held {
    this.#bytes += JAR_BYTES;
    return {
      app,
      next: undefined,
      jar: undefined,
      bytes: JAR_BYTES,
      sights: 0,
      isChanged: false,
      version: undefined,
      isUsed: false,
    };
  }

  /** For one more: the oldest that nobody has asked for since its last turn goes. */
  #makeRoom(): void {
    for (const [session, first] of this.#sessions) {
      if (this.#sessions.size < this.#maxSessions && this.#bytes < this.#maxBytes) return;
      if (first.isUsed) {
        first.isUsed = false;
        this.#sessions.delete(session);
        this.#sessions.set(session, first);
      } else this.drop(session);
    }
  }
}

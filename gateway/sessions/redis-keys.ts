// The names of our keys in Redis. All share one hash tag: a logout touches tombstones, sessions of the person and the list of
// endings, and only what is in one slot is one step. Requests are answered from memory, so one slot carries it.

import { hash } from 'node:crypto';
import type { SessionId } from '../kernel/words.ts';

/** The key names under one prefix. */
export interface RedisKeys {
  readonly session: (id: SessionId) => string;
  /** A session that has ended, until it is forgotten. */
  readonly ended: (id: SessionId) => string;
  readonly token: (tokenHash: string) => string;
  /** The living sessions of a subject. */
  readonly person: (subject: string) => string;
  /** The living sessions with a SessionIndex. */
  readonly index: (index: string) => string;
  readonly tombstones: (subject: string) => string;
  /** The cookies of one app in a session. */
  readonly jar: (id: SessionId, app: string) => string;
  /** The apps a session has had cookies of, each with its jar's version. */
  readonly versions: (id: SessionId) => string;
  readonly once: (kind: string, id: string) => string;
  readonly kept: (kind: string, id: string) => string;
  readonly claim: (kind: string, id: string) => string;
  /** Every living session by last use, and by end. */
  readonly uses: string;
  readonly expiries: string;
  /** Ended sessions and the node that ends them. */
  readonly unfinished: string;
  /** Nodes: beats, number of the last ending applied, lease; what a later release adds stands behind, after a colon. */
  readonly nodes: string;
  /** Endings in their order. */
  readonly endings: string;
  /** The run of Redis that some node knows for a lease. */
  readonly run: string;
  /** Where news are published: a channel, no key. */
  readonly channel: string;
}

/** The names under `prefix`. */
export function redisKeys(prefix: string): RedisKeys {
  const under = (...parts: readonly string[]): string => `{${prefix}}:${parts.join(':')}`;
  return {
    session: (id) => under('session', id),
    ended: (id) => under('ended', id),
    token: (tokenHash) => under('token', tokenHash),
    person: (subject) => under('person', subject),
    index: (index) => under('index', index),
    tombstones: (subject) => under('tombstones', subject),
    jar: (id, app) => under('jar', id, app),
    versions: (id) => under('versions', id),
    once: (kind, id) => under('once', JSON.stringify([kind, id])),
    kept: (kind, id) => under('kept', JSON.stringify([kind, id])),
    claim: (kind, id) => under('claim', JSON.stringify([kind, id])),
    uses: under('uses'),
    expiries: under('expiries'),
    unfinished: under('unfinished'),
    nodes: under('nodes'),
    endings: under('endings'),
    run: under('run'),
    channel: under('news'),
  };
}

/** What no node has touched for this long Redis lets go of, in case we never come back for it. */
export const KEPT_MS = 24 * 3_600_000;

/** What Redis calls a script by. */
export const sha1 = (text: string): string => hash('sha1', text);

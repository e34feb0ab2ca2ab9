// Identities, and sessions over a store, as the tests of this room need them.

import { silentLog, type Log, type LogFacts } from '../../gateway/kernel/log.ts';
import type { Identity, SessionId, Token } from '../../gateway/kernel/words.ts';
import { openSessions, type OpenSessions, type SessionsOptions } from '../../gateway/sessions/open.ts';
import type { Session, Sessions } from '../../gateway/sessions/sessions.ts';
import { at } from './records.ts';

export const MINUTE = 60_000;
export const IDLE_MS = 30 * MINUTE;
export const LIFETIME_MS = 600 * MINUTE;
export const SECRET = 'a secret of thirty-two bytes or more';
export const FORMER_SECRET = 'the secret that was rotated away last year';

export const HOST = 'wiki.example.com';

export const anna = (differing: Partial<Identity> = {}): Identity => ({
  idp: 'corp',
  nameId: { value: 'anna@example.com' },
  sessionIndexes: ['_index-1'],
  attributes: new Map([['groups', ['wiki', 'mail']]]),
  authnInstant: at(0),
  ...differing,
});

/** Sessions over `store`, with everything else as usual. */
export function sessionsOver(store: SessionsOptions['store'], differing: Partial<SessionsOptions> = {}): OpenSessions {
  const usual = { secrets: [SECRET], idleMs: IDLE_MS, lifetimeMs: LIFETIME_MS, cacheMax: 100, log: silentLog };
  return openSessions({ store, ...usual, ...differing });
}

/** Begins a session that nothing forbids. */
export async function begun(sessions: Sessions, identity = anna(), now = at(0)): Promise<Session> {
  const session = await sessions.begin(identity, undefined, now);
  if (session === 'tombstoned') throw new Error('this session was to begin');
  return session;
}

/** A log that remembers the warnings and errors it was given. */
export function listeningLog(): { log: Log; heard: { event: string; facts: LogFacts }[] } {
  const heard: { event: string; facts: LogFacts }[] = [];
  const hear = (event: string, facts: LogFacts = {}): void => void heard.push({ event, facts });
  return { log: { ...silentLog, warn: hear, error: hear }, heard };
}

/** A token for a session that lives. */
export async function minted(sessions: Sessions, id: SessionId, host = HOST): Promise<Token> {
  const token = await sessions.mint(id, host);
  if (token === undefined) throw new Error('this session was to live');
  return token;
}

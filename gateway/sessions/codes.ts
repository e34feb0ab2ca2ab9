// Every reason for which sessions cannot be kept or read; docs/errors.md is made from this list.

import { errorsOf, type Codes } from '../kernel/errors.ts';

const LATER = 'Your session cannot be looked up at the moment. Please try again shortly.';

/** The codes of this room. */
export const SESSIONS_CODES = {
  SESSIONS_STORE_UNAVAILABLE: {
    status: 503,
    publicMessage: LATER,
    meaning:
      'The session store did not answer, or refused a read or a write. Sessions are kept; nobody is served meanwhile.',
    remedy: 'See the cause in the log: a full disk, a file made read-only, a store that was closed.',
  },
  SESSIONS_STORE_LOCKED: {
    status: 503,
    publicMessage: LATER,
    meaning:
      'Another process holds the store file. The embedded store belongs to one process: two would each serve from their ' +
      'own memory what the other has ended.',
    remedy:
      'Stop the other process. Two gateways that are independent, each with a publicUrl of its own, need a file each in ' +
      'sessions.store. After a crash nothing has to be removed: the lock goes with the process.',
  },
  SESSIONS_STORE_FOREIGN: {
    status: 503,
    publicMessage: LATER,
    meaning:
      'The file named by sessions.store is no session store, or was written by another version. It was not changed.',
    remedy: 'Name another file in sessions.store, or start the version of curfew that wrote this one.',
  },
  SESSIONS_STORE_UNOPENED: {
    status: 503,
    publicMessage: LATER,
    meaning: 'The file named by sessions.store could not be made or opened.',
    remedy:
      'Check that the path is a file, and that the folder exists or can be made and belongs to the user curfew runs as.',
  },
  SESSIONS_REDIS_UNREACHABLE: {
    status: 503,
    publicMessage: LATER,
    meaning:
      'The Redis named by sessions.store does not answer: no connection, or none in time. Sessions are kept; nobody is served ' +
      'from memory for longer than sessions.lease.',
    remedy:
      'Check host and port in sessions.store, that Redis runs, and that no firewall stands between. It is tried again by itself.',
  },
  SESSIONS_REDIS_REFUSED: {
    status: 503,
    publicMessage: LATER,
    meaning: 'Redis refuses the user or password in sessions.store, or this user may not do what is needed.',
    remedy:
      'Write redis://USER:${env:REDIS_PASSWORD}@host:6379 and check both; docs/nodes.md has the ACL rule that is enough. ' +
      'A % in the password is written %25.',
  },
  SESSIONS_REDIS_UNTRUSTED: {
    status: 503,
    publicMessage: LATER,
    meaning: 'No TLS connection to Redis: its certificate is not trusted, names another host, or ours was refused.',
    remedy:
      'Name its certificate authority in sessions.redis.ca, a client certificate in sessions.redis.certificate and key where ' +
      'Redis asks for one, and the host as its certificate does. Write redis:// where Redis speaks no TLS.',
  },
  SESSIONS_REDIS_OLD: {
    status: 503,
    publicMessage: LATER,
    meaning: 'The Redis named by sessions.store is older than 6.2, and lacks commands that are needed.',
    remedy: 'Use Redis 7 or Valkey.',
  },
  SESSIONS_REDIS_FOREIGN: {
    status: 503,
    publicMessage: LATER,
    meaning:
      'A key of ours in Redis holds what another program or another version of curfew wrote. It was not changed.',
    remedy: 'Give each program its own prefix: sessions.redis.prefix. Run one version of curfew on all nodes.',
  },
  SESSIONS_SECRET_WEAK: {
    status: 500,
    publicMessage: LATER,
    meaning: 'sessions.secret is missing, or shorter than 32 bytes.',
    remedy:
      'Let "curfew keys" make one where there is none yet, or write 32 random bytes as text: openssl rand -base64 32',
  },
  SESSIONS_SEAL_BROKEN: {
    status: 503,
    publicMessage: LATER,
    meaning:
      'What the store holds was sealed under a secret that is not configured, belongs to another record, or was changed.',
    remedy: 'Put the former secret back as a second sessions.secret until the sessions made under it have ended.',
  },
} as const satisfies Codes;

/** Makes this room's errors. */
export const sessionsError = errorsOf(SESSIONS_CODES);

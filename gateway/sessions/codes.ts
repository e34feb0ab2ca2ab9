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
  SESSIONS_SECRET_WEAK: {
    status: 500,
    publicMessage: LATER,
    meaning: 'sessions.secret is missing, or shorter than 32 bytes.',
    remedy: 'Let "curfew keys" make one, or write 32 random bytes as text: openssl rand -base64 32',
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

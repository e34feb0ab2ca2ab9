// What can go wrong at the doors themselves.

import { errorsOf, type Codes } from '../kernel/errors.ts';

/** The codes of this room. */
export const HTTP_CODES = {
  NOT_FOUND: {
    status: 404,
    publicMessage: 'There is no such page here.',
    meaning: 'An address under /.curfew or /saml that does not exist, or not for this method or host.',
    remedy: 'The addresses are listed in the README. SAML addresses are on the host of publicUrl only.',
  },
  SIGN_IN_NEEDED: {
    status: 401,
    publicMessage: 'Please sign in.',
    meaning: 'A script, image or WebSocket asked without a session; a page would have been sent to sign in.',
    remedy: 'Nothing, if the person has just signed out. A script may send its page to the address in `signIn`.',
  },
  SAML_AT_APP_HOST: {
    status: 400,
    publicMessage: 'This sign-in or sign-out message was sent to the wrong address.',
    meaning:
      'A SAML message arrived at the host of an app, without a session. SAML is spoken on the host of publicUrl only.',
    remedy:
      'Set publicUrl to the address under which browsers and the identity provider reach curfew, and register what `curfew metadata` prints at the identity provider.',
  },
  BODY_TOO_LONG: {
    status: 413,
    publicMessage: 'What was sent is too large.',
    meaning: 'A body sent to one of the gateway’s own addresses is over 256 KiB, or did not arrive within 30 seconds.',
    remedy: 'No SAML message is that long. See what sends it.',
  },
  INTERNAL: {
    status: 500,
    publicMessage: 'Something went wrong here. It has been written down.',
    meaning: 'A fault in curfew itself. The log line with this request id has the cause.',
    remedy: 'Please report it, with the log line.',
  },
} as const satisfies Codes;

/** A refusal by this room. */
export const refuseHttp = errorsOf(HTTP_CODES);

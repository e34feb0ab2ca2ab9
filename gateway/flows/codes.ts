// Why a sign-in or sign-out that people make by browser does not go on.

import { errorsOf, type Codes } from '../kernel/errors.ts';

/** The codes of this room. */
export const FLOW_CODES = {
  RETURN_REFUSED: {
    status: 400,
    publicMessage: 'This link leads to an address that does not belong here.',
    meaning: 'The address to return to belongs to no configured app, or the app is unknown.',
    remedy:
      'Start from the application itself. If the link is yours, compare it with the hosts in the app’s policy and with the port of publicUrl.',
  },
  IDP_NOT_OFFERED: {
    status: 400,
    publicMessage: 'This application does not let people of that identity provider in.',
    meaning: 'A link to sign in names an identity provider (`idp`) that the app does not offer.',
    remedy:
      'Compare the link with `identityProviders` in the app’s file. An identity provider that was renamed has to be chosen anew.',
  },
  CONTEXT_UNKNOWN: {
    status: 400,
    publicMessage: 'This application asks for no such kind of sign-in.',
    meaning:
      'A link to sign in asks for a context of authentication (`context`), or a sign-in anew (`force`), that no rule of the app asks for.',
    remedy:
      'Start from the application itself. If the link is yours, compare it with `authnContext` and `forceAuthnAfter` in the rules of the app.',
  },
  SIGN_INS_TOO_MANY: {
    status: 429,
    publicMessage: 'Too many sign-ins have been begun from here. Please try again in a moment.',
    meaning:
      'More sign-ins were begun from this address (`by: address`), or by all strangers together (`by: all`), than `limits.signIns` allows. Whoever is signed in is not affected.',
    remedy:
      'See in the log whose address it is. Where a proxy stands in front, it has to be named in trustedProxies, or everybody has one address; an office with more people needs a higher `limits.signIns`.',
  },
  TICKET_REFUSED: {
    status: 400,
    publicMessage: 'This sign-in link has expired or was begun in another browser. Please open the application again.',
    meaning:
      'The ticket is unknown, used, older than 30 seconds, for another host, or the browser has not the cookie it began with.',
    remedy:
      'Open the application again. If it happens always, the browser refuses cookies, or publicUrl and the hosts are not reached by the names configured.',
  },
} as const satisfies Codes;

/** A refusal by this room. */
export const refuseFlow = errorsOf(FLOW_CODES);

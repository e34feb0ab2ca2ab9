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
      'Set publicUrl to the address under which browsers and the identity provider reach curfew, and register what `curfew metadata` prints at the identity provider. Addresses of a service provider that stood there before go into saml.aliases (docs/migrating.md).',
  },
  BODY_TOO_LONG: {
    status: 413,
    publicMessage: 'What was sent is too large.',
    meaning:
      'A body sent to one of the gateway’s own addresses is over 256 KiB, or did not arrive within 30 seconds, or broke off.',
    remedy: 'No SAML message is that long. See what sends it.',
  },
  MESSAGES_TOO_MANY: {
    status: 429,
    publicMessage: 'Too many sign-in or sign-out messages have come from here. Please try again in a moment.',
    meaning:
      'More SAML messages waited to be judged than `limits.messages` has room for, of this address (`by: address`) or of all (`by: all`).',
    remedy:
      'See in the log whose addresses they are. Where a proxy stands in front, it has to be named in trustedProxies, or everybody has one address. LogoutRequests at listen.backchannel have no such limit.',
  },
  FORM_TOO_LARGE: {
    status: 413,
    publicMessage: 'You had to sign in first, and the form was too large to be kept until then.',
    meaning: 'A form that met no session was larger than the app’s `limits.keptForm`. It was not kept, and not sent.',
    remedy: 'Set `limits.keptForm` higher where an app’s forms are larger; files are better sent once more.',
  },
  FORM_UNSUPPORTED: {
    status: 415,
    publicMessage: 'You had to sign in first, and this kind of form could not be kept until then.',
    meaning: 'What met no session was sent in a way that no form of a page has, such as compressed.',
    remedy: 'Nothing, where people can send it again. A script should ask for JSON and gets 401 then.',
  },
  FORM_FOREIGN: {
    status: 403,
    publicMessage: 'You had to sign in first. The form came from another site, so it was not sent on.',
    meaning:
      'A form that met no session did not prove to come from a page of the app’s own (Sec-Fetch-Site, Origin). Sent on after the sign-in it would have been a forged request in the person’s name.',
    remedy:
      'Nothing, where another site posts here. Where it is the app’s own page, see whether a proxy removes the headers, and whether publicUrl and the hosts name the origin that browsers see.',
  },
  FORM_NO_ROOM: {
    status: 503,
    publicMessage: 'You had to sign in first, and there was no room to keep the form until then.',
    meaning: 'Forms of this client address fill 8 MiB already, or those of all addresses 64 MiB.',
    remedy: 'See in the log who sends them. Where a proxy stands in front, it has to be named in trustedProxies.',
  },
  FORM_NOT_KEPT: {
    status: 409,
    publicMessage: 'You had to sign in first, and forms are not kept here until then.',
    meaning: 'A form met no session, and the app’s `limits.keptForm` is `off`.',
    remedy: 'Nothing, or set `limits.keptForm` to a size.',
  },
  FORM_GONE: {
    status: 410,
    publicMessage: 'The form was sent already, has waited for more than 15 minutes, or was begun in another browser.',
    meaning: 'A form was asked for that is not kept (any more) for this browser and address.',
    remedy: 'Nothing. If it happens always, the browser refuses cookies.',
  },
  FORM_OF_ANOTHER: {
    status: 403,
    publicMessage: 'The form was filled in by somebody else who was signed in here before, so it was not sent.',
    meaning: 'The NameID that signed in is not the one in whose session the form was filled in.',
    remedy: 'Nothing. Who filled it in may sign in again within 15 minutes and open the same address.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    publicMessage: 'The request could not be read.',
    meaning:
      'A request over HTTP/2 with a method that HTTP/1.1 does not know, such as `post` in lower case, or with a Host that is not its :authority.',
    remedy: 'No browser sends that. See what does.',
  },
  FIELDS_TOO_LONG: {
    status: 431,
    publicMessage: 'The address, or the cookies of this site, are too long.',
    meaning: 'A request over HTTP/2 had more than 32 KiB of header fields; over HTTP/1.1 the answer is an empty 431.',
    remedy: 'See which cookies the app has browsers keep, or what makes its addresses so long.',
  },
  MISDIRECTED: {
    status: 421,
    publicMessage: 'This connection is not for that site. Load the page again.',
    meaning:
      'A request over HTTP/2 came for a host that the certificate of its connection does not name. Browsers ask again over a connection of its own (RFC 9110 §15.5.20).',
    remedy:
      'Nothing, where a browser shows the page then. Otherwise see that a certificate in `tls.certificates` names the host; a proxy in front that sends HTTP/2 has to be named in trustedProxies.',
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

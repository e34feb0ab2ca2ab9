// Why a request did not reach its app, or its app's answer did not reach the browser.

import { errorsOf, type Codes } from '../kernel/errors.ts';

/** The codes of this room. */
export const PROXY_CODES = {
  UPSTREAM_REFUSED: {
    status: 502,
    publicMessage: 'The application is not running.',
    meaning: "Nothing listens at the app's upstream address.",
    remedy: 'Start the application, or correct `upstream` in its policy.',
  },
  UPSTREAM_UNREACHABLE: {
    status: 502,
    publicMessage: 'The application cannot be reached.',
    meaning: "The name of the app's upstream was not found, or there is no way to its network.",
    remedy: 'Look at `cause` in the log line; try the upstream address from the machine the gateway runs on.',
  },
  UPSTREAM_UNTRUSTED: {
    status: 502,
    publicMessage: 'The application cannot be reached.',
    meaning:
      'No TLS connection to the app: its certificate is not trusted, has expired or names another host, it refused ours, or it speaks no TLS.',
    remedy:
      'Look at `cause` in the log line. Name its authority in `upstreamTls.ca`, its name in `upstreamTls.serverName`, a client certificate in `cert` and `key`; write `http://` where it speaks no TLS.',
  },
  UPSTREAM_RESET: {
    status: 502,
    publicMessage: 'The application broke off.',
    meaning: 'The app closed the connection before it had answered.',
    remedy: "Look into the app's own log at this moment; it may have crashed or been restarted.",
  },
  UPSTREAM_NONSENSE: {
    status: 502,
    publicMessage: 'The application gave an answer that cannot be understood.',
    meaning: 'What the app sent is no HTTP/1.1 response, or its headers are larger than 16 KiB.',
    remedy: 'Look at `cause` in the log line; ask the app directly with `curl -v`.',
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    publicMessage: 'The application did not answer in time.',
    meaning: 'No connection within the connect timeout, or no response headers within the response timeout.',
    remedy:
      'Ask the app itself, with `curl -v` from this machine. Where it answers and is only slow, raise `timeouts.connect` or `timeouts.response` in its file.',
  },
  UPSTREAM_BUSY: {
    status: 503,
    publicMessage: 'The application is busy. Please try again.',
    meaning:
      'All connections to the app (`limits.connections`) were in use, and either as many requests waited already, or this one had waited for as long as connecting and answering may take together.',
    remedy: 'Find out what keeps its requests so long, or raise `limits.connections` in its policy.',
  },
  UPSTREAM_CLOSED: {
    status: 503,
    publicMessage: 'The gateway is shutting down. Please try again.',
    meaning: 'The gateway closed its connections to the app while this request waited.',
    remedy: 'None: it happens when the gateway stops or its policies change.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    publicMessage: 'What you sent is larger than this application accepts.',
    meaning: 'The request body is larger than `limits.body` of the app.',
    remedy: 'Set `limits.body` higher in the file of the app, or leave it out, if uploads of this size are wanted.',
  },
  TRANSFER_CODING_UNKNOWN: {
    status: 501,
    publicMessage: 'The request is encoded in a way this gateway does not understand.',
    meaning: 'Transfer-Encoding is something else than `chunked` (RFC 9112 §6.1).',
    remedy: 'None: browsers do not do this, but request smugglers do.',
  },
  REQUEST_TARGET_REFUSED: {
    status: 400,
    publicMessage: 'The address of the request cannot be passed on.',
    meaning: 'The request target is not a path: it is in absolute form, `*`, or has characters no path may have.',
    remedy: 'None: a client that speaks to a web server sends a path (RFC 9112 §3.2.1).',
  },
  REQUEST_UNSENDABLE: {
    status: 400,
    publicMessage: 'The request cannot be passed on.',
    meaning: 'The engine refused to write the request: a header has characters that no header may have.',
    remedy: 'Look at `cause` in the log line.',
  },
  TRACE_REFUSED: {
    status: 501,
    publicMessage: 'TRACE is not passed on.',
    meaning: 'An answer to TRACE repeats the identity headers, which the person must not read (RFC 9110 §9.3.8).',
    remedy: 'None.',
  },
  UPGRADE_REFUSED: {
    status: 501,
    publicMessage: 'Only WebSocket connections can be upgraded here.',
    meaning: 'An upgrade that is no WebSocket handshake (RFC 6455 §4.1), or one that has a body.',
    remedy: 'None.',
  },
  IDENTITY_UNSENDABLE: {
    status: 403,
    publicMessage: 'Your account has a name this gateway cannot pass on to the application.',
    meaning:
      'A NameID or attribute used in an identity header has control characters, or white space at its ends, or a colon in the user name of `identity.basic`. The app would read it as the name of somebody else.',
    remedy: 'Correct the attribute at the identity provider, or use another one in `identity`.',
  },
} as const satisfies Codes;

/** Makes the room's errors. */
export const proxyError = errorsOf(PROXY_CODES);

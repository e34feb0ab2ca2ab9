// The header fields an app gets: the browser's without what ends here and without forgeries, then ours.

import type { IncomingMessage } from 'node:http';
import { withoutCookies } from './cookies.ts';
import { canonicalName, connectionOptions, type HeaderRules } from './header-rules.ts';
import type { PassedTrace, Passage } from './upstream.ts';

/** Flat list name, value, name, value. One pass over what arrived; every name is judged in its canonical spelling (P11). */
export function requestHeaders(request: IncomingMessage, passage: Passage, rules: HeaderRules): string[] {
  const raw = request.rawHeaders;
  const connectionOnly = connectionOptions(request.headers.connection);
  const unlisted = unlistedNames(passage.identityHeaders, rules);
  const { trace } = passage;
  const headers = ['Host', passage.host];
  // The trick works nowhere here; that somebody tries it is worth knowing.
  if (connectionOnly !== undefined) for (const name of connectionOnly) noteForgery(name, passage, rules);

  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    const canonical = canonicalName(name);
    if (rules.fromClients.has(canonical) || isReserved(canonical)) {
      noteForgery(canonical, passage, rules);
      continue;
    }
    if (connectionOnly?.has(canonical) || unlisted?.has(canonical)) continue;
    if (trace !== undefined && isOfAnotherTrace(canonical, trace)) continue;
    if (canonical !== 'cookie') {
      headers.push(name, value);
    } else if (passage.jar === undefined) {
      const cookies = withoutCookies(value, rules.cookieNames);
      if (cookies !== '') headers.push(name, cookies);
    }
  }

  if (passage.jar !== undefined && passage.jar.cookie !== '') headers.push('Cookie', passage.jar.cookie);
  headers.push(
    'X-Forwarded-For',
    passage.forwardedFor === '' ? passage.clientAddress : `${passage.forwardedFor}, ${passage.clientAddress}`,
    'X-Forwarded-Proto',
    passage.proto,
    'X-Forwarded-Host',
    passage.host,
    'X-Request-Id',
    passage.requestId,
  );
  if (trace !== undefined) headers.push('traceparent', trace.traceparent);
  for (const part of passage.identityHeaders) headers.push(part);
  return headers;
}

function noteForgery(canonical: string, { requestId, clientAddress }: Passage, rules: HeaderRules): void {
  if (!rules.identityFields.has(canonical)) return;
  rules.onForgery({ app: rules.app, header: canonical, peer: clientAddress, requestId });
}

/** Fields without their `traceparent` say something about a trace that is over here (W3C Trace Context §3.3.1, Baggage §4). */
function isOfAnotherTrace(canonical: string, { isContinued }: PassedTrace): boolean {
  if (canonical === 'traceparent') return true;
  return !isContinued && (canonical === 'tracestate' || canonical === 'baggage');
}

function isReserved(canonical: string): boolean {
  return canonical.startsWith('x-forwarded-') || canonical.startsWith('x-curfew');
}

/** An identity header the settings did not name must not stand beside a forgery of itself: its name is removed as well. */
function unlistedNames(identityHeaders: readonly string[], rules: HeaderRules): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (let at = 0; at < identityHeaders.length; at += 2) {
    const name = identityHeaders[at] as string;
    if (!rules.identityNames.has(name)) (names ??= new Set()).add(canonicalName(name));
  }
  return names;
}

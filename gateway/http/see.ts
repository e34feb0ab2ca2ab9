// Reads a request once: who asks, for which host, which path. Every later decision is made on this reading.

import type { IncomingMessage } from 'node:http';
import { originForm, ownPath, readings, type Path } from '../policy/path.ts';
import { hostName } from '../policy/table.ts';
import { clientOf } from './client.ts';
import type { Doors, Seen } from './doors.ts';

/** Also puts the request's target into origin-form, so that what is sent on is what was judged. */
export function see(doors: Pick<Doors, 'trustedProxies' | 'newRequestId'>, request: IncomingMessage): Seen {
  const client = clientOf(request, doors.trustedProxies);
  // Whoever stands in front may have gone by the other Host (RFC 9112 §3.2).
  const target = hasTwoHosts(request.rawHeaders) ? 'ambiguous' : originForm(request.url ?? '', client.host);
  request.url = target;
  return {
    requestId: client.requestId ?? doors.newRequestId(),
    client,
    hostName: hostName(client.host) ?? '',
    target,
    readings: readings(target),
  };
}

/**
 * The address of ours that a request is for: under `/.curfew` on every host, under `/saml` on the public host alone. Whatever could be
 * read as one of them is ours, and goes to no application.
 */
export function ownAddress(
  { publicHostName }: Pick<Doors, 'publicHostName'>,
  { readings, hostName }: Seen,
): Path | undefined {
  const path = readings === 'ambiguous' ? undefined : ownPath(readings);
  return path?.startsWith('/saml') === true && hostName !== publicHostName ? undefined : path;
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

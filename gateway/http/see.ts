// Reads a request once: who asks, for which host, which path. Every later decision is made on this reading.

import type { IncomingMessage } from 'node:http';
import { everyReading, originForm, ownPath, readings, type Path, type Readings } from '../policy/path.ts';
import { hostName } from '../policy/table.ts';
import { clientOf } from './client.ts';
import type { Doors, Seen } from './doors.ts';

/** Also puts the request's target into origin-form, so that what is sent on is what was judged. */
export function see(doors: Pick<Doors, 'trustedProxies' | 'newRequestId' | 'tracing'>, request: IncomingMessage): Seen {
  const client = clientOf(request, doors.trustedProxies);
  // Whoever stands in front may have gone by the other Host (RFC 9112 §3.2).
  const target = hasTwoHosts(request.rawHeaders) ? 'ambiguous' : originForm(request.url ?? '', client.host);
  request.url = target;
  return {
    requestId: client.requestId ?? doors.newRequestId(),
    client,
    hostName: hostName(client.host) ?? '',
    target,
    readings: everywhere(target, request.headers.destination, client.host),
    trace: doors.tracing.arrive(request.headers.traceparent, client.isProxied),
  };
}

/**
 * The address of ours that a request is for: under `/.curfew` on every host, under `/saml` on the public host alone, or one of `saml.aliases`. Whatever could be
 * read as one of them is ours, and goes to no application.
 */
export function ownAddress(
  { publicHostName, aliases }: Pick<Doors, 'publicHostName' | 'aliases'>,
  { readings, hostName }: Seen,
): Path | undefined {
  if (readings === 'ambiguous') return undefined;
  const path = ownPath(readings);
  if (path !== undefined && (!path.startsWith('/saml') || hostName === publicHostName)) return path;
  const here = aliases.get(hostName);
  return here && everyReading(readings).find((one) => here.has(one));
}

/**
 * All readings of a request's address, and of a second one where it copies or moves something there (RFC 4918 §10.3): a rule that forbids either
 * forbids the request. The second has to be on the same host; a proxy in front may have changed scheme and port.
 */
function everywhere(target: string, destination: string | string[] | undefined, host: string): Readings | 'ambiguous' {
  const here = readings(target);
  if (destination === undefined || here === 'ambiguous') return here;
  const [, authority, path] = /^(?:https?:\/\/([^/?#\\@]+))?(\/.*)$/i.exec(String(destination)) ?? [];
  const isHere = authority === undefined || hostName(authority) === hostName(host);
  const there = path !== undefined && isHere ? readings(path) : 'ambiguous';
  return there === 'ambiguous' ? there : [...everyReading(here), ...everyReading(there)];
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

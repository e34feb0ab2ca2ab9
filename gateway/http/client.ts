// Who is asking, and for which host: the socket's word, or a trusted proxy's.

import type { IncomingMessage } from 'node:http';
import { isIP, type BlockList } from 'node:net';

/** Who asks, and for what host. */
export interface Client {
  /** Who asks, as far as can be believed. */
  readonly address: string;
  /** Whom the socket is connected to: the same, or the nearest proxy. */
  readonly peer: string;
  /** What a trusted proxy has noted so far; empty where the sender is not trusted. */
  readonly forwardedFor: string;
  readonly proto: 'http' | 'https';
  /** The Host the browser asked for. */
  readonly host: string;
  /** A request id that a trusted proxy has given already. */
  readonly requestId: string | undefined;
  /** Whether whoever is connected is one of the trusted proxies. */
  readonly isProxied: boolean;
}

/** Reads X-Forwarded-* from trusted proxies only; the client's address is the rightmost that is not one of them. */
export function clientOf(request: IncomingMessage, trusted: BlockList): Client {
  const socketAddress = plainAddress(request.socket.remoteAddress ?? '');
  const host = request.headers.host ?? '';
  const encrypted = 'encrypted' in request.socket;
  if (!isTrusted(trusted, socketAddress)) {
    const proto = encrypted ? 'https' : 'http';
    const peer = socketAddress;
    return { address: peer, peer, forwardedFor: '', proto, host, requestId: undefined, isProxied: false };
  }
  const { headers } = request;
  const chain = text(headers['x-forwarded-for']);
  const proto = text(headers['x-forwarded-proto']).split(',')[0]?.trim().toLowerCase() ?? '';
  const forwardedHost = text(headers['x-forwarded-host']).split(',')[0]?.trim() ?? '';
  const requestId = text(headers['x-request-id']);
  return {
    address: chain === '' ? socketAddress : clientIn(chain, trusted, socketAddress),
    peer: socketAddress,
    forwardedFor: chain,
    proto: proto === 'https' || (proto !== 'http' && encrypted) ? 'https' : 'http',
    host: forwardedHost === '' ? host : forwardedHost,
    requestId: /^[\w.:/+=-]{8,128}$/.test(requestId) ? requestId : undefined,
    isProxied: true,
  };
}

function clientIn(chain: string, trusted: BlockList, nearest: string): string {
  let address = nearest;
  for (const hop of chain.split(',').toReversed()) {
    const candidate = plainAddress(hop.trim());
    if (isIP(candidate) === 0) return address;
    address = candidate;
    if (!isTrusted(trusted, candidate)) return address;
  }
  return address;
}

const text = (value: string | string[] | undefined): string => (Array.isArray(value) ? value.join(',') : (value ?? ''));

/** IPv4 as IPv4, also where the socket speaks IPv6. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Whether an address is one of these. */
export function isTrusted(trusted: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

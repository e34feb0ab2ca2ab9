// Whom an address belongs to, as far as an address can tell: what is limited for each address is limited for each of these.

import { isIPv6, SocketAddress } from 'node:net';

/**
 * Whoever has one IPv6 address has the 2⁶⁴ beside it (RFC 4291 §2.5.4): their common beginning counts. An IPv4 address in IPv6 is the IPv4 address,
 * however it is written (RFC 4291 §2.5.5.2). What is no address stands for itself.
 */
export function subscriber(address: string): string {
  // Most are IPv4, and each message is asked about three times.
  if (!address.includes(':')) return address;
  const [unzoned = ''] = address.split('%', 1);
  if (!isIPv6(unzoned)) return address;
  const { address: written } = new SocketAddress({ address: unzoned, family: 'ipv6' });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(written)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = written.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  return [...groups, ...(tail === undefined ? [] : zeros), ...rest].slice(0, 4).join(':');
}

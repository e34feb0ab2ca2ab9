// What the sockets of gateway.yaml need of each other and of what stands beside them: ports, certificates, authorities.

import type { ListenAddress } from '../http/settings.ts';
import { entriesAt, faultAt, isLoopback, isWildcard, listening, textAt } from './cross-checks.ts';
import { valueAt } from './explain.ts';
import type { Fault, KeyPath } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

/** Everything that is wrong with them. */
export const listenFaults = (gateway: PolicyFile): Fault[] => [
  ...sameSocket(gateway),
  ...tlsFaults(gateway),
  ...backchannelFaults(gateway),
  ...adminFaults(gateway),
];

function sameSocket(gateway: PolicyFile): Fault[] {
  const sockets = Object.entries(listening(gateway)).flatMap(([name, address]) =>
    address === undefined ? [] : [{ name, address }],
  );
  return sockets.flatMap(({ name, address }, index) => {
    const taken = sockets.slice(0, index).find((other) => overlaps(other.address, address));
    return taken === undefined
      ? []
      : [faultAt(gateway, ['listen', name], `is where listen.${taken.name} listens; choose another port`)];
  });
}

const overlaps = (a: ListenAddress, b: ListenAddress): boolean =>
  a.port === b.port && a.port !== 0 && (a.host === b.host || isWildcard(a.host) || isWildcard(b.host));

/** Whoever reaches it sees and ends sessions. */
function adminFaults(gateway: PolicyFile): Fault[] {
  const { admin } = listening(gateway);
  if (admin === undefined || isLoopback(admin.host)) return [];
  if (valueAt(gateway.value, ['admin', 'token']) !== undefined) return [];
  const write = 'write "127.0.0.1:9090", or "admin: { token: ${file:../certs/admin.token} }"';
  return [faultAt(gateway, ['listen', 'admin'], `is open to the network without a token: ${write}`)];
}

function tlsFaults(gateway: PolicyFile): Fault[] {
  if (valueAt(gateway.value, ['listen', 'https']) === undefined) return [];
  const noFolder = valueAt(gateway.value, ['tls', 'certificates']) === undefined;
  const isPlain = textAt(gateway, ['publicUrl'])?.toLowerCase().startsWith('http:') === true;
  return [
    ...(noFolder
      ? [faultAt(gateway, ['listen', 'https'], 'needs certificates; write "tls: { certificates: ../certs/tls }"')]
      : []),
    ...(isPlain
      ? [faultAt(gateway, ['publicUrl'], 'is http where listen.https is set; write the https address browsers use')]
      : []),
  ];
}

/** Nobody is let in without an authority that certified them, and nothing is set for a back channel that is not there. */
function backchannelFaults(gateway: PolicyFile): Fault[] {
  const has = (path: KeyPath): boolean => valueAt(gateway.value, path) !== undefined;
  const listener = ['listen', 'backchannel'];
  if (has(listener)) {
    const lacking = ['certificates', 'clientCa'].filter((key) => !has(['tls', key]));
    const write = 'write "tls: { certificates: ../certs/tls, clientCa: ../certs/idp-ca.crt }"';
    return lacking.length === 0 ? [] : [faultAt(gateway, listener, `needs tls.${lacking.join(' and tls.')}; ${write}`)];
  }
  const weak = entriesAt(gateway, ['identityProviders']).map(({ path }) => [...path, 'allow', 'tlsInsteadOfSignature']);
  const idle = [
    ['tls', 'clientCa'],
    ['backchannelUrl'],
    ...weak.filter((path) => valueAt(gateway.value, path) === true),
  ];
  return idle
    .filter(has)
    .map((path) =>
      faultAt(
        gateway,
        path,
        'means nothing without listen.backchannel; write "listen: { backchannel: 0.0.0.0:8444 }", or leave it out',
      ),
    );
}

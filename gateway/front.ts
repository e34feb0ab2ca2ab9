// What answers at the sockets under one configuration. The sockets ask for it anew with each request, so that the next one meets another configuration
// whole, and no connection has to be closed for it.

import type { RequestListener } from 'node:http';
import type { BlockList } from 'node:net';
import type { Configuration } from './config/load.ts';
import { createApp, type Answering } from './http/app.ts';
import { createBackchannel } from './http/backchannel.ts';
import { openCertificates, type CertificateStore } from './http/certificates.ts';
import { openClientCa, type ClientCa } from './http/client-ca.ts';
import type { Doors } from './http/doors.ts';
import type { CrowdRules } from './http/crowd.ts';
import { onUpgrade } from './http/upgrade.ts';
import type { Log } from './kernel/log.ts';
import { redirecting } from './listeners.ts';
import type { Admin } from './operations.ts';

/** What answers. */
export interface Front {
  /** At `listen.http`: serves, or only says where it is served. */
  readonly plain: Answering;
  readonly takesPlainUpgrades: boolean;
  /** At `listen.https`. */
  readonly serve: Answering;
  readonly upgrade: ReturnType<typeof onUpgrade>;
  readonly backchannel: RequestListener;
  /** The name that the back channel is called by. */
  readonly backchannelHost: string;
  readonly admin: Admin;
  /** Whose connections are those of proxies. */
  readonly trustedProxies: BlockList;
  /** How many may be connected to whom browsers reach. */
  readonly crowd: CrowdRules;
  /** How many may be connected to `listen.backchannel` and `listen.admin`, each for itself. */
  readonly sideCrowd: CrowdRules;
  readonly certificates: CertificateStore | undefined;
  readonly clientCa: ClientCa | undefined;
}

/** The front that answers now. */
export interface Facade {
  now: Front;
}

/** Servers, probes and operators come there: a few each. With thousands, file descriptors would be missing where people come. */
const MOST_AT_SIDE_DOORS = 1000;

/** Makes it; the certificates that are read go on being read where they stand in the same place. Throws where there are none. */
export function openFront(
  configuration: Configuration,
  doors: Doors,
  admin: (certificates: CertificateStore | undefined) => Admin,
  log: Log,
  former?: { readonly configuration: Configuration; readonly front: Front },
): Front {
  const { listen, tls, backchannelUrl = 'https://localhost' } = configuration;
  const before = former?.configuration.tls;
  const [folder, ca] = [
    (listen.https ?? listen.backchannel) ? tls?.certificates : undefined,
    listen.backchannel && tls?.clientCa,
  ];
  const known = before?.certificates === folder ? former?.front.certificates : undefined;
  const certificates = folder === undefined ? undefined : (known ?? openCertificates(folder, log));
  const knownCa = before?.clientCa === ca ? former?.front.clientCa : undefined;
  const clientCa = ca === undefined ? undefined : (knownCa ?? openClientCa(ca, log));
  const { trustedProxies, limits } = configuration;
  const crowd = { trustedProxies, limits: limits.connections, measures: doors.measures };
  const { perAddress, all } = limits.connections;
  const serve = createApp(doors);
  const backchannel = createBackchannel(doors, backchannelUrl).callback();
  return {
    plain: listen.https === undefined ? serve : redirecting(doors),
    takesPlainUpgrades: listen.https === undefined,
    serve,
    upgrade: onUpgrade(doors),
    backchannel: (request, response) => void backchannel(request, response),
    backchannelHost: new URL(backchannelUrl).hostname,
    admin: admin(certificates),
    trustedProxies,
    crowd,
    sideCrowd: { ...crowd, limits: { perAddress: Math.min(perAddress, MOST_AT_SIDE_DOORS), all } },
    certificates,
    clientCa,
  };
}

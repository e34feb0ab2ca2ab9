// The operator's gateway once more, in this process and on loopback alone: the same policies, keys and public addresses, sessions in
// memory. It trusts one key more, the drill's own, so that a LogoutRequest can be sent as the identity provider would send it.

import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { Configuration } from '../../config/load.ts';
import { readToken } from '../../http/cookies.ts';
import type { AuditEvent } from '../../kernel/audit.ts';
import { plus, type Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { issuedNameId } from '../../kernel/words.ts';
import { hostName } from '../../policy/table.ts';
import { selfSignedCertificate } from '../../saml/certificate.ts';
import { openMessageIds } from '../../saml/ours/markup.ts';
import { logoutRequest } from '../../saml/ours/messages.ts';
import { envelope } from '../../saml/ours/outgoing.ts';
import { openSigning } from '../../saml/ours/sign.ts';
import type { ServiceProvider } from '../../saml/service-provider.ts';
import { start } from '../../server.ts';
import type { Session } from '../../sessions/sessions.ts';
import type { Place } from '../../upstream/exchange.ts';
import { sideFor, sidesOf } from './sides.ts';

/** A gateway that the drill can look into. */
export interface Rehearsal {
  /** Where a public address is really answered; undefined for whatever is not the gateway's. */
  placeOf(url: URL): Place | undefined;
  /** Whose session these cookies stand for at this address. */
  sessionOf(url: URL, cookie: string): Promise<Session | undefined>;
  /** The Cookie header that the app would get with a request to this address. */
  appCookies(session: Session, app: string, url: URL): Promise<string>;
  /** The SOAP body of a LogoutRequest as the session's identity provider would write it, and where it goes. */
  logoutRequest(session: Session): { readonly url: URL; readonly body: string };
  /** How apps were told that people had left, so far. */
  goodbyes(): readonly { readonly app: string; readonly outcome: string }[];
  /** Sessions that a LogoutRequest did not mean, because it names them in other letters. */
  alike(): number;
  close(): Promise<void>;
}

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const A_DAY = 1;
const LOGOUT_MS = 5 * 60_000;

/** Starts it. `log` gets what the gateway warns of. Rejects where it cannot start. */
export async function rehearse(configuration: Configuration, clock: Clock, log: Log): Promise<Rehearsal> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const notBefore = new Date(plus(clock.now(), -3_600_000));
  const certificate = selfSignedCertificate({ privateKey, commonName: 'curfew drill', notBefore, days: A_DAY });
  const signing = openSigning({
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate,
  });
  const told: AuditEvent[] = [];
  const running = await start(onLoopback(configuration), {
    clock,
    log,
    audit: { record: (event) => void told.push(event) },
  });
  const { doors } = running.parts;
  const place = { host: LOOPBACK.host, port: running.http.port, isPlain: true };
  const ours = new Set([new URL(configuration.publicUrl).origin, ...doors.apps.flatMap(({ origins }) => origins)]);
  const sides = sidesOf(configuration);
  const messageId = openMessageIds();
  const providerOf = (sp: string | undefined): ServiceProvider =>
    doors.ownDoors.find(({ apps: [app] }) => sp !== undefined && app?.app === sp)?.serviceProvider ??
    doors.serviceProvider;
  for (const { app } of sides) alsoTrust(providerOf(app), configuration, certificate);
  return {
    placeOf: ({ origin }) => (ours.has(origin.replace(/^ws/, 'http')) ? place : undefined),
    async sessionOf(url, cookie) {
      const token = readToken(cookie, doors.cookies);
      return token && (await doors.sessions.find(token, hostName(url.host) ?? '', clock.now()));
    },
    async appCookies(session, app, url) {
      const jar = await doors.jars.jarFor(session.id, app);
      return jar.header(`${url.pathname}${url.search}`, url.protocol === 'https:', clock.now());
    },
    logoutRequest({ identity }) {
      const [id, now] = [messageId(), clock.now()];
      const destination = `${sideFor(sides, identity.sp ?? '').base}/slo/soap`;
      const about = { nameId: issuedNameId(identity), sessionIndexes: identity.sessionIndexes };
      const message = logoutRequest({
        ...{ id, now, destination, ...about, reason: 'user', longestBytes: Infinity },
        issuer: providerOf(identity.sp).identityProvider(identity.idp)?.entityId ?? '',
        notOnOrAfter: plus(now, LOGOUT_MS),
      });
      return { url: new URL(destination), body: envelope(signing.enveloped(id, message)) };
    },
    goodbyes: () => told.flatMap((event) => (event.event === 'session-ended' ? event.goodbyes : [])),
    alike: () =>
      told.reduce((most, event) => Math.max(most, (event.event === 'logout-request' && event.sessionsAlike) || 0), 0),
    close: () => running.close(0),
  };
}

/** Nothing of it is reached from outside, and nothing is written anywhere. */
function onLoopback(configuration: Configuration): Configuration {
  return {
    ...configuration,
    listen: { http: LOOPBACK, admin: LOOPBACK },
    sessions: { ...configuration.sessions, store: { kind: 'memory' } },
  };
}

/** One signing key more for each identity provider, in this rehearsal only. */
function alsoTrust(serviceProvider: ServiceProvider, configuration: Configuration, certificate: string): void {
  const key = new X509Certificate(certificate).publicKey;
  for (const { name } of configuration.identityProviders) {
    const idp = serviceProvider.identityProvider(name);
    if (idp !== undefined) serviceProvider.replace({ ...idp, keys: [...idp.keys, key] });
  }
}

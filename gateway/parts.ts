// Builds every part from a configuration and introduces them to each other. The only place that knows all rooms.

import { setTimeout as pause } from 'node:timers/promises';
import type { Configuration, OurSideConfiguration } from './config/load.ts';
import { appOf, hostsOf } from './apps.ts';
import { openIdentityProviders } from './identity-providers.ts';
import { openEndings } from './flows/endings.ts';
import { openAdministrator } from './flows/administrator.ts';
import { openAppSignIns } from './flows/app-sign-in.ts';
import { openElsewhere } from './flows/elsewhere.ts';
import { openEndSession } from './flows/end-session.ts';
import { expireSessions, finishEndings } from './flows/expire.ts';
import { openGoodbyes } from './flows/goodbyes.ts';
import { openIdpLogout } from './flows/idp-logout.ts';
import { wouldEnd, type LogoutSubjectAt } from './flows/meant.ts';
import { openKeptForms } from './flows/kept-forms.ts';
import { standings } from './flows/proof.ts';
import { openResolveArtifact } from './flows/resolve-artifact.ts';
import { openSignIn } from './flows/sign-in.ts';
import { openSignOut } from './flows/sign-out.ts';
import { aliasesAt, openOwnProvider, ownSide, type OwnProvider } from './own-providers.ts';
import type { Surroundings } from './surroundings.ts';
import { openTellIdp, type TellIdp } from './flows/tell-idp.ts';
import { aliasPaths } from './http/aliases.ts';
import { cookieNames } from './http/cookies.ts';
import { hstsOf } from './http/hsts-settings.ts';
import type { Doors } from './http/doors.ts';
import { soapCall } from './http/soap-client.ts';
import { systemElapsed, type Clock } from './kernel/clock.ts';
import { uncounted } from './kernel/measures.ts';
import { openIds } from './kernel/random.ts';
import { liveConnections } from './live/connections.ts';
import { openPages } from './pages/pages.ts';
import { openSigner } from './proxy/jwt.ts';
import { watchForgeries } from './proxy/forgeries.ts';
import { hostName, compileTable } from './policy/table.ts';
import type { MessageMemory, SentAuthnRequest, SentLogoutRequest } from './saml/guard/message.ts';
import type { OurSide } from './saml/ours/metadata.ts';
import { openServiceProvider } from './saml/service-provider.ts';
import { measured } from './sessions/measured.ts';
import { openSessions, openStore } from './sessions/open.ts';
import type { Nodes } from './sessions/store.ts';
import { openJars } from './upstream/keeper.ts';
import type { Ledger, Session } from './sessions/sessions.ts';

/** Everything that runs behind the sockets. */
export type Parts = Awaited<ReturnType<typeof openParts>>;

/** Sessions kept in this process's memory; some 1.5 KiB each (docs/performance.md). More than this, and each request asks the store. */
const CACHED_SESSIONS = 120_000;

const JOIN_MS = 1000;
const TRY_EVERY_MS = 20;

/** The first request is to meet the time that the nodes agree on. A store that is away is waited for no longer than a second: /readyz says so. */
async function joined(nodes: Nodes | undefined): Promise<void> {
  const until = systemElapsed() + JOIN_MS;
  const isIn = (): Promise<boolean> =>
    nodes === undefined
      ? Promise.resolve(true)
      : nodes.regain().then(
          () => true,
          () => false,
        );
  while (!(await isIn()) && systemElapsed() < until) await pause(TRY_EVERY_MS);
}

/** Opens the store and builds everything over it. Throws SESSIONS_* where the store cannot be opened, SAML_METADATA_UNREADABLE. */
export async function openParts(configuration: Configuration, surroundings: Surroundings) {
  const { clock, log, audit, measures = uncounted } = surroundings;
  const { publicUrl, saml, sessions: kept } = configuration;
  const publicHostName = hostName(new URL(publicUrl).host) ?? '';
  const identityProviders = await openIdentityProviders(configuration, { clock, log });
  const cookies = cookieNames(publicUrl.startsWith('https:'));
  const {
    sessions,
    ledger,
    jars: stored,
    marks,
    nodes,
    roll,
  } = openSessions({
    store: measured(openStore({ ...kept, clock, elapsed: systemElapsed, log }), measures, systemElapsed),
    secrets: kept.secrets,
    idleMs: kept.idleMs,
    lifetimeMs: kept.lifetimeMs,
    cacheMax: CACHED_SESSIONS,
    log,
  });
  const live = liveConnections(nodes && (() => nodes.holds()));
  // Without a lease nobody is served, and what is open may belong to a session that has ended (P8, P12).
  nodes?.onLost(() => void live.cutAll());
  const serviceProvider = openServiceProvider({
    ...ourSide(configuration),
    clockSkewMs: saml.clockSkewMs,
    identityProviders: identityProviders.now(),
    memory: memoryIn(ledger, clock, undefined),
  });
  const onForgery = watchForgeries({ clock, log, measures });
  const hsts = hstsOf(configuration.tls?.hsts);
  const engine = { log, gatewayCookieNames: Object.values(cookies), onForgery, hsts };
  const signer = openSigner(configuration.jwt.keys);
  const apps = configuration.apps.map((app) => appOf(app, publicUrl, engine, signer));
  const jars = openJars(stored, { hostsOf: hostsOf(configuration.apps), log, shared: nodes });
  const goodbyes = openGoodbyes({ apps, jars, clock, log, measures });
  const endings = openEndings();
  const tellIdp = openTellIdp({ ledger, serviceProvider, soapCall, clock, log });
  const owns: OwnProvider[] = [];
  const ownOf = ({ identity }: Session) => owns.find(({ app }) => app.app === identity.sp);
  const elsewhere = openElsewhere({ sessions, ledger, nodes, clock, elapsed: systemElapsed });
  const telling: Pick<TellIdp, 'ended'> = {
    ended: (session, reason) => (ownOf(session)?.tellIdp ?? tellIdp).ended(session, reason),
  };
  const endSession = openEndSession({
    sessions,
    live,
    goodbyes,
    endings,
    elsewhere,
    tellIdp: telling,
    clock,
    audit,
    log,
  });
  const standing = standings((name) => serviceProvider.identityProvider(name)?.revalidateMs);
  const shared = { sessions, ledger, serviceProvider, endSession, endings, clock, audit };
  const ownParts = { ...shared, standing, elsewhere, log, soapCall, clockSkewMs: saml.clockSkewMs };
  const memoryOf = (app: string): MessageMemory => memoryIn(ledger, clock, app);
  for (const [at, app] of apps.entries()) {
    const settings = configuration.apps[at];
    if (app.ownSp === undefined || settings === undefined) continue;
    const side = ownSide(settings, app.origins[0] ?? '', ourSide(configuration));
    owns.push(openOwnProvider(app, side, { ...ownParts, memoryOf, identityProviders: identityProviders.now() }));
  }
  const signOut = openSignOut({ endSession, serviceProvider, tellIdp, clock });
  const doors: Doors = {
    apps,
    table: compileTable(apps),
    publicOrigin: publicUrl,
    publicHostName,
    aliases: aliasPaths([
      [publicHostName, saml.aliases],
      ...configuration.apps.map(({ hosts, saml }) => [hosts[0]?.name ?? '', saml?.aliases] as const),
    ]),
    trustedProxies: configuration.trustedProxies,
    newRequestId: openIds(),
    cookies,
    hsts,
    sessions,
    live,
    clock,
    log,
    audit,
    measures,
    serviceProvider,
    jars,
    marks,
    goodbyes,
    keptForms: openKeptForms({ ledger, clock }),
    appSignIns: openAppSignIns({ sessions, clock, log }),
    pages: openPages(configuration.pages),
    jwks: signer.jwks,
    standing,
    signIn: openSignIn({
      ...shared,
      standing,
      apps: apps.filter(({ ownSp }) => ownSp === undefined),
      publicOrigin: publicUrl,
      publicHostName,
    }),
    ownDoors: owns.map(({ door }) => door),
    signOut: (session, from, requestId) => (ownOf(session)?.signOut ?? signOut)(session, from, requestId),
    resolveArtifact: openResolveArtifact({ ledger, serviceProvider, soapCall, clock }),
    idpLogout: openIdpLogout({ ...shared, elsewhere, log, clockSkewMs: saml.clockSkewMs }),
  };
  await finishEndings({ sessions, goodbyes, elsewhere });
  await joined(nodes);
  return {
    doors,
    roll,
    administrator: openAdministrator({
      ...{ sessions, roll, endSession, audit },
      identityProviders: configuration.identityProviders.map(({ name }) => name),
    }),
    endSession,
    holdsLease: nodes && (() => nodes.holds()),
    metadata: identityProviders.states,
    checks: { store: () => sessions.ready(), metadata: identityProviders.ready },
    warnings: identityProviders.warnings,
    refreshMetadata: () =>
      identityProviders.refresh((idp) => {
        for (const one of [serviceProvider, ...owns]) one.replace(idp);
        audit.record({ event: 'configuration', what: 'metadata', idp: idp.name });
      }),
    /** `sp`: the app whose own service provider is asked; undefined: the gateway's. */
    wouldEnd: async ({ sp, ...named }: LogoutSubjectAt & { readonly sp?: string | undefined }) => {
      const door = sp === undefined ? { serviceProvider } : owns.find(({ app }) => app.app === sp)?.door;
      return door && wouldEnd({ sessions, serviceProvider: door.serviceProvider }, named);
    },
    expire: () => expireSessions({ sessions, clock, endSession }),
    close: async () => {
      await Promise.all(apps.map(({ upstream }) => upstream.close()));
      await Promise.all([jars.settled(), ...[{ tellIdp }, ...owns].map((one) => one.tellIdp.close())]);
      await sessions.close();
    },
  };
}

/** Our names, addresses and keys, as SAML messages and metadata carry them. */
export const ourSide = ({ publicUrl, backchannelUrl, saml }: OurSideConfiguration): OurSide => ({
  entityId: saml.entityId,
  acs: `${publicUrl}/saml/acs`,
  slo: `${publicUrl}/saml/slo`,
  sloSoap: `${publicUrl}/saml/slo/soap`,
  aliases: aliasesAt(publicUrl, saml.aliases),
  sloBackchannel: backchannelUrl && `${backchannelUrl}/saml/slo/soap`,
  keys: saml.keys.map(({ key, cert }) => ({ privateKey: key, certificate: cert })),
  offersEncryption: saml.offerEncryption,
  takesArtifacts: saml.takesArtifacts,
});

/** The guard's memory is the ledger. */
function memoryIn(ledger: Ledger, clock: Clock, sp: string | undefined): MessageMemory {
  const ours = (sent: SentAuthnRequest | undefined) => (sent?.sp === sp ? sent : undefined);
  return {
    readAuthnRequest: async (id) =>
      ours((await ledger.read('authn-request', id, clock.now())) as SentAuthnRequest | undefined),
    takeAuthnRequest: async (id) =>
      ours((await ledger.take('authn-request', id, clock.now())) as SentAuthnRequest | undefined),
    readLogoutRequest: async (id) =>
      (await ledger.read('logout-request', id, clock.now())) as SentLogoutRequest | undefined,
    takeLogoutRequest: async (id) =>
      (await ledger.take('logout-request', id, clock.now())) as SentLogoutRequest | undefined,
    useAssertion: (idp, id, until) => ledger.once('assertion', `${idp} ${id}`, until, clock.now()),
  };
}

// Builds everything that belongs to one configuration, over the ground that outlives it, and introduces the parts to each other. The only place that knows
// all rooms.

import type { Configuration, OurSideConfiguration } from './config/load.ts';
import { adminApp } from './admin-app.ts';
import { hostsOf, openApps } from './apps.ts';
import { isSame } from './changes.ts';
import type { Ground } from './ground.ts';
import { openIdentityProviders, usedFirst, type IdentityProviders } from './identity-providers.ts';
import { limitBeginnings } from './flows/beginnings.ts';
import { openAdministrator } from './flows/administrator.ts';
import { openIdpLogout } from './flows/idp-logout.ts';
import { wouldEnd, type LogoutSubjectAt } from './flows/meant.ts';
import { standings } from './flows/proof.ts';
import { openResolveArtifact } from './flows/resolve-artifact.ts';
import { openSignIn } from './flows/sign-in.ts';
import { openSignOut } from './flows/sign-out.ts';
import { endStranded, reviewConnections } from './flows/succession.ts';
import { aliasesAt, openOwnProvider, ownSide, type OwnProvider } from './own-providers.ts';
import { openTellIdp } from './flows/tell-idp.ts';
import { aliasPaths } from './http/aliases.ts';
import { cookieNames } from './http/cookies.ts';
import { hstsOf } from './http/hsts-settings.ts';
import type { Doors } from './http/doors.ts';
import { soapCall } from './http/soap-client.ts';
import type { Clock } from './kernel/clock.ts';
import type { Identity } from './kernel/words.ts';
import { createWeb } from './ops/web.ts';
import { openPages } from './pages/pages.ts';
import { openSigner } from './proxy/jwt.ts';
import { hostName, compileTable } from './policy/table.ts';
import type { MessageMemory, SentAuthnRequest, SentLogoutRequest } from './saml/guard/message.ts';
import type { OurSide } from './saml/ours/metadata.ts';
import { openServiceProvider } from './saml/service-provider.ts';
import type { Ledger, Session } from './sessions/sessions.ts';

/** Everything that runs behind the sockets. */
export type Parts = Awaited<ReturnType<typeof openParts>>;

/** The apps and identity providers of the configuration before: whichever is the same now goes on as it is. */
interface Former {
  readonly configuration: Configuration;
  readonly doors: Doors;
  readonly identityProviders: IdentityProviders;
}

/**
 * Builds what a configuration says, and changes nothing of what there is: it counts from `takeOver` on. Throws SAML_METADATA_UNREADABLE where metadata is
 * to be had from nowhere.
 */
export async function openParts(configuration: Configuration, ground: Ground, former?: Former) {
  const { clock, log, audit, measures, tracing, sessions, ledger, live, endSession, endings, elsewhere, untold } =
    ground;
  const { publicUrl, saml } = configuration;
  const publicHostName = hostName(new URL(publicUrl).host) ?? '';
  const identityProviders = await openIdentityProviders(configuration, ground, former?.identityProviders);
  const cookies = cookieNames(publicUrl.startsWith('https:'));
  const serviceProvider = openServiceProvider({
    ...ourSide(configuration),
    clockSkewMs: saml.clockSkewMs,
    identityProviders: usedFirst(configuration, identityProviders.now(), log),
    memory: memoryIn(ledger, clock, undefined),
  });
  const hsts = hstsOf(configuration.tls?.hsts);
  const engine = { log, gatewayCookieNames: Object.values(cookies), onForgery: ground.onForgery, hsts };
  const signer = openSigner(configuration.jwt.keys);
  const administrator = openAdministrator({
    ...{ sessions, roll: ground.roll, endSession, audit },
    identityProviders: configuration.identityProviders.map(({ name }) => name),
  });
  const { roll, recent, newRequestId } = ground;
  const web = (origin: string) =>
    createWeb({ roll, sessions, live, administrator, recent, newRequestId }, { origin, log });
  const apps = [
    ...openApps(configuration, engine, signer, former && { ...former, apps: former.doors.apps }),
    ...adminApp(configuration, web, hsts),
  ];
  const tellIdp = openTellIdp({ ledger, serviceProvider, soapCall, clock, log, tracing });
  const owns: OwnProvider[] = [];
  const ownOf = ({ identity }: Session) => owns.find(({ app }) => app.app === identity.sp);
  const standing = standings((name) => serviceProvider.identityProvider(name)?.revalidateMs);
  const mayBegin = limitBeginnings(ground, configuration.limits.signIns);
  const shared = { sessions, ledger, serviceProvider, endSession, endings, mayBegin, clock, audit };
  const logoutParts = {
    roll: ground.roll,
    familiar: ground.familiar,
    ...{ elsewhere, untold },
    log,
    tracing,
    clockSkewMs: saml.clockSkewMs,
    underWay: ground.logoutsUnderWay,
  };
  const ownParts = { ...shared, ...logoutParts, standing, soapCall };
  const memoryOf = (app: string): MessageMemory => memoryIn(ledger, clock, app);
  for (const [at, app] of apps.entries()) {
    const settings = configuration.apps[at];
    if (app.ownSp === undefined || settings === undefined) continue;
    const side = ownSide(settings, app.origins[0] ?? '', ourSide(configuration));
    owns.push(openOwnProvider(app, side, { ...ownParts, memoryOf, identityProviders: identityProviders.now() }));
  }
  const signOut = openSignOut({ endSession, serviceProvider, tellIdp, clock });
  const doors: Doors = {
    ...{ apps, table: compileTable(apps), publicOrigin: publicUrl, publicHostName, cookies, hsts, standing },
    ...{ sessions, live, clock, log, audit, measures, tracing, serviceProvider },
    ...{ jars: ground.jars, marks: ground.marks, goodbyes: ground.goodbyes },
    ...{
      keptForms: ground.keptForms,
      familiar: ground.familiar,
      enter: ground.turns(configuration.limits.messages),
      appSignIns: ground.appSignIns,
      newRequestId: ground.newRequestId,
    },
    aliases: aliasPaths([
      [publicHostName, saml.aliases],
      ...configuration.apps.map(({ hosts, saml: own }) => [hosts[0]?.name ?? '', own?.aliases] as const),
    ]),
    trustedProxies: configuration.trustedProxies,
    pages: openPages(configuration.pages),
    jwks: signer.jwks,
    successor: undefined,
    signIn: openSignIn({
      ...shared,
      standing,
      apps: apps.filter(({ ownSp }) => ownSp === undefined),
      publicOrigin: publicUrl,
      publicHostName,
    }),
    ownDoors: owns.map(({ door }) => door),
    signOut: (session, from, requestId) => (ownOf(session)?.signOut ?? signOut)(session, from, requestId),
    resolveArtifact: openResolveArtifact({ ...shared, ...logoutParts, soapCall }),
    idpLogout: openIdpLogout({ ...shared, ...logoutParts }),
  };
  const tellers = [tellIdp, ...owns.map((own) => own.tellIdp)];
  /** Whether nobody could send a LogoutRequest for it any more. */
  const isStranded = ({ idp, sp }: Identity): boolean =>
    sp === undefined
      ? serviceProvider.identityProvider(idp) === undefined
      : owns.find(({ app }) => app.app === sp)?.app.identityProviders.includes(idp) !== true;
  return {
    configuration,
    doors,
    identityProviders,
    ...{
      allowances: ground.allowances,
      roll: ground.roll,
      endSession,
      holdsLease: ground.holdsLease,
      expire: ground.expire,
    },
    administrator,
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
      return door && wouldEnd({ sessions, roll: ground.roll, serviceProvider: door.serviceProvider }, named);
    },
    /** What outlives configurations goes by this one from now on. Nothing is waited for. */
    takeOver(): void {
      const ended = (session: Session, reason: Parameters<typeof tellIdp.ended>[1]): void =>
        (ownOf(session)?.tellIdp ?? tellIdp).ended(session, reason);
      ground.follow({ apps, hostsOf: hostsOf(configuration.apps), tellIdp: { ended } });
      ground.followSessions(configuration.sessions);
      if (former !== undefined) former.doors.successor = doors;
    },
    /**
     * After that: ends what was open and may not stay, and sessions that nobody could sign out any more; resolves with how many, before what goes on under the
     * configuration before is over. `reviewed` is called between the two.
     */
    async settle(
      before: Former,
      reviewed: () => void,
    ): Promise<{ readonly connectionsClosed: number; readonly sessionsEnded: number }> {
      const isAnyGone = !isSame(sourcesOf(before.configuration), sourcesOf(configuration));
      const connectionsClosed = await reviewConnections(before.doors, doors, live);
      reviewed();
      const sessionsEnded = isAnyGone ? await endStranded(ground, isStranded) : 0;
      return { connectionsClosed, sessionsEnded };
    },
    /** Gives up what `next` does not go on with, as soon as it is at rest; resolves then. */
    async giveUp(next: Pick<Former, 'doors' | 'configuration'>): Promise<void> {
      const { finishMs } = next.configuration.shutdown;
      const left = apps.filter((app) => !next.doors.apps.includes(app));
      const isGone = (app: string): boolean => !next.doors.apps.some((one) => one.app === app);
      await Promise.all([
        ...left.map(({ app, upstream }) => (isGone(app) ? upstream.close() : upstream.giveUp(finishMs))),
        ...tellers.map((one) => one.settled()),
      ]);
    },
    closeTunnels: (): void => {
      for (const { upstream } of apps) upstream.closeTunnels();
    },
    close: async (): Promise<void> => {
      await Promise.all(apps.map(({ upstream }) => upstream.close()));
      await Promise.all(tellers.map((one) => one.close()));
    },
  };
}

/** Where sessions come from. */
const sourcesOf = ({ identityProviders, apps }: Configuration) => ({
  identityProviders: identityProviders.map(({ name }) => name),
  own: apps.flatMap(({ app, saml, identityProviders: idps }) => (saml === undefined ? [] : [{ app, idps }])),
});

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

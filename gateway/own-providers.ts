// The service providers that apps have of their own: for identity providers where every app is registered by itself. Each is a door of its own, on
// its app's host, with sessions of its own; tickets are not needed there.

import type { Configuration } from './config/load.ts';
import { OWN_SAML, type App } from './flows/app.ts';
import { openIdpLogout, type IdpLogoutParts } from './flows/idp-logout.ts';
import { openResolveArtifact, type ResolveArtifactParts } from './flows/resolve-artifact.ts';
import { openSignIn, type SignInParts } from './flows/sign-in.ts';
import { openSignOut, type SignOut } from './flows/sign-out.ts';
import { openTellIdp, type TellIdp, type TellIdpParts } from './flows/tell-idp.ts';
import type { OwnDoor } from './http/doors.ts';
import type { Aliases } from './saml/alias-settings.ts';
import type { OurSide } from './saml/ours/metadata.ts';
import { openServiceProvider, type IdentityProvider, type ServiceProviderOptions } from './saml/service-provider.ts';

/** What they all share with the gateway's own. */
export type OwnParts = Omit<
  SignInParts & IdpLogoutParts & TellIdpParts & ResolveArtifactParts,
  'apps' | 'publicOrigin' | 'publicHostName' | 'serviceProvider'
> &
  Pick<ServiceProviderOptions, 'identityProviders'> & {
    readonly memoryOf: (app: string) => ServiceProviderOptions['memory'];
  };

/** One app's own. */
export interface OwnProvider {
  readonly app: App;
  readonly door: OwnDoor;
  readonly signOut: SignOut;
  readonly tellIdp: TellIdp;
  readonly replace: (idp: IdentityProvider) => void;
}

/** Opens the service provider of one app. */
export function openOwnProvider(app: App, side: OurSide, { memoryOf, ...parts }: OwnParts): OwnProvider {
  const { clockSkewMs, endSession, clock } = parts;
  const offered = (idp: IdentityProvider): boolean => app.identityProviders.includes(idp.name);
  const serviceProvider = openServiceProvider({
    ...side,
    app: app.app,
    clockSkewMs,
    identityProviders: parts.identityProviders.filter(offered),
    memory: memoryOf(app.app),
  });
  const publicOrigin = app.origins[0] ?? '';
  const publicHostName = app.hosts[0]?.name ?? '';
  const at = { ...parts, serviceProvider, apps: [app], publicOrigin, publicHostName };
  const tellIdp = openTellIdp(at);
  return {
    app,
    door: {
      serviceProvider,
      apps: [app],
      publicOrigin,
      publicHostName,
      signIn: openSignIn(at),
      idpLogout: openIdpLogout(at),
      resolveArtifact: openResolveArtifact(at),
    },
    signOut: openSignOut({ endSession, serviceProvider, tellIdp, clock }),
    tellIdp,
    replace: (idp) => {
      if (offered(idp)) serviceProvider.replace(idp);
    },
  };
}

/** Aliases as addresses, and not as paths. */
export const aliasesAt = (origin: string, { acs, slo }: Aliases): Aliases => ({
  acs: acs.map((path) => `${origin}${path}`),
  slo: slo.map((path) => `${origin}${path}`),
});

/** An app's own names and addresses, and its keys; the gateway's where it has none. */
export function ownSide(
  { app, saml }: Pick<Configuration['apps'][number], 'app' | 'saml'>,
  origin: string,
  gateway: OurSide,
): OurSide {
  const base = `${origin}${OWN_SAML}`;
  return {
    ...gateway,
    keys: saml?.keys?.map(({ key, cert }) => ({ privateKey: key, certificate: cert })) ?? gateway.keys,
    entityId: saml?.entityId ?? `${base}/metadata`,
    acs: `${base}/acs`,
    slo: `${base}/slo`,
    sloSoap: `${base}/slo/soap`,
    aliases: saml && aliasesAt(origin, saml.aliases),
    // The back channel has one host for all of them.
    sloBackchannel: gateway.sloBackchannel && new URL(`${OWN_SAML}/${app}/slo/soap`, gateway.sloBackchannel).href,
  };
}

// Builds the applications from their policies: what every request needs of them is worked out here, at start-up.

import { isSame } from './changes.ts';
import type { Configuration } from './config/load.ts';
import type { App } from './flows/app.ts';
import { hostName } from './policy/table.ts';
import { openUpstream, type EngineOptions } from './proxy/engine.ts';
import type { JwtSigner } from './proxy/jwt.ts';
import { compilePersonHeaders, headerNames } from './proxy/person.ts';
import type { AppHosts } from './upstream/cookie.ts';
import { compileExpiry } from './upstream/expired.ts';
import { compileExposure } from './upstream/expose.ts';
import type { SignOutSettings } from './upstream/settings.ts';
import { compileSignOutPaths } from './upstream/sign-out-paths.ts';

/** Where browsers reach an app: through the same listener as the public host, unless a host names another port. */
export function originsOf({ hosts }: Pick<Configuration['apps'][number], 'hosts'>, publicUrl: string): string[] {
  const { protocol, port } = new URL(publicUrl);
  return hosts.map((host) => new URL(`${protocol}//${host.name}:${host.port ?? port}`).origin);
}

/** The first of them. */
export const originOf = (app: Pick<Configuration['apps'][number], 'hosts'>, publicUrl: string): string =>
  originsOf(app, publicUrl)[0] ?? '';

/** What every app depends on beside its own policy. */
const aroundApps = ({ publicUrl, tls, jwt }: Configuration) => ({ publicUrl, hsts: tls?.hsts, jwt });

/** The apps of a configuration, in its order. One whose policy is the same as before, with all that its files hold, is the same App. */
export function openApps(
  configuration: Configuration,
  engine: EngineOptions,
  signer: JwtSigner,
  former?: { readonly configuration: Configuration; readonly apps: readonly App[] },
): App[] {
  const isAroundSame = former !== undefined && isSame(aroundApps(former.configuration), aroundApps(configuration));
  return configuration.apps.map((settings) => {
    const at = isAroundSame ? former.configuration.apps.findIndex((one) => isSame(one, settings)) : -1;
    return former?.apps[at] ?? appOf(settings, configuration.publicUrl, engine, signer);
  });
}

/** Works out of a policy, once, what every request to its app needs. */
export function appOf(
  settings: Configuration['apps'][number],
  publicUrl: string,
  engine: EngineOptions,
  signer: JwtSigner,
): App {
  const origins = originsOf(settings, publicUrl);
  return {
    app: settings.app,
    title: settings.title,
    contact: settings.contact,
    hosts: settings.hosts,
    path: settings.path,
    identityProviders: settings.identityProviders,
    ownSp: settings.saml === undefined ? undefined : settings.app,
    access: settings.access,
    origins,
    upstream: openUpstream(
      {
        app: settings.app,
        origin: settings.upstream,
        originAt: (host) =>
          origins[settings.hosts.findIndex(({ name }) => name === hostName(host))] ?? origins[0] ?? '',
        keepsPages: settings.caching.keepsPages,
        identityHeaderNames: headerNames(settings.identity),
        connectTimeoutMs: settings.timeouts.connectMs,
        responseTimeoutMs: settings.timeouts.responseMs,
        idleTimeoutMs: settings.timeouts.idleMs,
        clientTimeoutMs: settings.timeouts.clientMs,
        maxBodyBytes: settings.limits.bodyBytes,
        tls: settings.upstreamTls,
        maxConnections: settings.limits.connections,
      },
      engine,
    ),
    keptFormBytes: settings.limits.keptFormBytes,
    identityHeaders: compilePersonHeaders({
      ...settings.identity,
      app: settings.app,
      people: settings.signIn?.credentials ?? new Map(),
      issuer: publicUrl,
      signer,
      log: engine.log,
    }),
    returnTo: settings.signOut.returnTo,
    upstreamOrigin: settings.upstream,
    upstreamTls: settings.upstreamTls,
    exposure: compileExposure(settings.cookies.keep, settings.cookies.expose),
    isSignOut: compileSignOutPaths(settings.signOut.paths),
    goodbye: goodbyeOf(settings.signOut),
    formSignIn: formSignInOf(settings),
  };
}

function formSignInOf({ signIn, hosts, upstream }: Configuration['apps'][number]): App['formSignIn'] {
  if (signIn?.form === undefined) return undefined;
  const { form, credentials } = signIn;
  const hostnames = [...hosts.map(({ name }) => name), new URL(upstream).hostname];
  return { form, credentials, isExpired: form.expiredWhen && compileExpiry(form.expiredWhen, hostnames) };
}

const goodbyeOf = ({ call, deadlineMs, required }: SignOutSettings): App['goodbye'] =>
  call && { how: call, deadlineMs, required };

/** Under which names an app's cookies may be set: its hosts, and where it really is. */
export function hostsOf(apps: Configuration['apps']): (app: string) => AppHosts {
  const hosts = new Map(
    apps.map(({ app, hosts: names, upstream }) => [
      app,
      { public: names.map(({ name }) => name), upstream: new URL(upstream).hostname },
    ]),
  );
  return (app) => hosts.get(app) ?? { public: [], upstream: '' };
}

// An application as the flows know it: its policy, and what was worked out of it at start-up.

import type { Identity } from '../kernel/words.ts';
import type { People } from '../kernel/template.ts';
import type { EpochMs, UpstreamTls } from '../kernel/words.ts';
import type { AppPolicy } from '../policy/settings.ts';
import type { Upstream } from '../proxy/engine.ts';
import type { Session } from '../sessions/sessions.ts';
import type { IsExpired } from '../upstream/expired.ts';
import type { Exposure } from '../upstream/expose.ts';
import type { FormSignInSettings } from '../upstream/settings.ts';
import type { GoodbyeSettings } from '../upstream/settings.ts';

/** One protected application. */
export interface App extends AppPolicy {
  /** What people know it by, where that is not its name. */
  readonly title?: string | undefined;
  /** Whom people ask about it, where that is not whom they ask about everything. */
  readonly contact?: string | undefined;
  /** Whether people are not told that it is there: only who knows its address comes. */
  readonly isUnlisted?: true | undefined;
  /** Where browsers reach it: scheme, host and port of each of its hosts, in their order. */
  readonly origins: readonly string[];
  readonly upstream: Upstream;
  /** Its name where it has a service provider of its own: then no session of any other serves it. */
  readonly ownSp: string | undefined;
  /** The largest form that is kept for whoever has to sign in first; 0 keeps none. */
  readonly keptFormBytes: number;
  /** Where the app really is: scheme, host, port. */
  readonly upstreamOrigin: string;
  readonly upstreamTls: UpstreamTls | undefined;
  /** Which of its cookies its scripts may read and change; undefined where that is none. All live with the session. */
  readonly exposure: Exposure | undefined;
  /** Whether a request is the app's own way of signing out; it becomes single logout. */
  readonly isSignOut: (method: string, target: string) => boolean;
  /** The app's own form, filled in for the person; undefined where the app asks nobody. */
  readonly formSignIn:
    | {
        readonly form: FormSignInSettings;
        readonly credentials: People;
        /** Whether an answer says that the app has ended its own session; undefined where the policy does not say how. */
        readonly isExpired: IsExpired | undefined;
      }
    | undefined;
  /** How the app is told that the person has left. */
  readonly goodbye:
    { readonly how: GoodbyeSettings; readonly deadlineMs: number; readonly required: boolean } | undefined;
  /** Flat list of identity header names and values for a person; throws IDENTITY_UNSENDABLE. */
  readonly identityHeaders: (session: Session, now: EpochMs) => readonly string[];
  /** Where the signed-out page leads. */
  readonly returnTo: string | undefined;
}

/** What people know an app by. */
export const titleOf = ({ title, app }: Pick<App, 'title' | 'app'>): string => title ?? app;

/** The apps that were told of a sign-out, under the names that people know them by. */
export const titled = (apps: readonly App[], told: readonly { readonly app: string; readonly told: boolean }[]) =>
  told.map((one) => ({
    title: titleOf(apps.find(({ app }) => app === one.app) ?? { app: one.app, title: undefined }),
    told: one.told,
  }));

/** Whether somebody who signed in like this is anybody to an app. */
export const isKnownTo = (
  { identityProviders, ownSp }: Pick<App, 'identityProviders' | 'ownSp'>,
  { idp, sp }: Pick<Identity, 'idp' | 'sp'>,
): boolean => sp === ownSp && identityProviders.includes(idp);

/** Where an app's service provider is reached: the gateway's on the public host, its own on its first host. */
export const samlBase = ({ ownSp, origins }: Pick<App, 'ownSp' | 'origins'>, publicOrigin: string): string =>
  ownSp === undefined ? `${publicOrigin}/saml` : `${origins[0] ?? ''}${OWN_SAML}`;

/** The path under which an app's own service provider is reached. */
export const OWN_SAML = '/.curfew/saml';

/** Where a form that met no session waits, on every app's host. */
export const FORM_ADDRESS = '/.curfew/form';

/** The origin of an app under one of its host names. */
export const originAt = ({ origins, hosts }: Pick<App, 'origins' | 'hosts'>, hostName: string): string =>
  origins[hosts.findIndex(({ name }) => name === hostName)] ?? origins[0] ?? '';

/** Where a person begins who has no page in mind. */
export const frontPage = ({ origins, path }: Pick<App, 'origins' | 'path'>): string => `${origins[0] ?? ''}${path}`;

/** The app whose origin and path prefix an address has; undefined where it is nobody's: then it is no address to send a browser to. */
export function appOfAddress<A extends Pick<App, 'origins' | 'path'>>(
  apps: readonly A[],
  address: string,
): A | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, username, password, pathname } = new URL(address);
  if (username !== '' || password !== '') return undefined;
  return apps
    .filter((app) => app.origins.includes(origin) && isBelow(app.path, pathname))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

const isBelow = (prefix: string, path: string): boolean =>
  prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);

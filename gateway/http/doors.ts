// What the doors are given: everything they need to answer, made elsewhere.

import type { BlockList } from 'node:net';
import type { Admission, AdmitParts } from '../flows/admit.ts';
import type { AppSignIns } from '../flows/app-sign-in.ts';
import type { Goodbyes } from '../flows/goodbyes.ts';
import type { IdpLogout } from '../flows/idp-logout.ts';
import type { KeptForms } from '../flows/kept-forms.ts';
import type { ResolveArtifact } from '../flows/resolve-artifact.ts';
import type { SignIn } from '../flows/sign-in.ts';
import type { SignOut } from '../flows/sign-out.ts';
import type { App } from '../flows/app.ts';
import type { Audit } from '../kernel/audit.ts';
import type { Familiar } from '../kernel/familiar.ts';
import type { Log } from '../kernel/log.ts';
import type { Measures } from '../kernel/measures.ts';
import type { Trace, Tracing } from '../kernel/tracing.ts';
import type { LiveConnections } from '../live/registry.ts';
import type { Pages } from '../pages/pages.ts';
import type { Readings } from '../policy/path.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Marks } from '../sessions/marks.ts';
import type { Sessions, Soon } from '../sessions/sessions.ts';
import type { JarKeeper } from '../upstream/keeper.ts';
import type { Client } from './client.ts';
import type { AliasPaths } from './aliases.ts';
import type { Enter } from './turns.ts';
import type { CookieNames } from './cookies.ts';

/** Everything a door needs to answer. */
export interface Doors extends AdmitParts {
  readonly sessions: Sessions;
  readonly live: LiveConnections;
  readonly apps: readonly App[];
  readonly publicOrigin: string;
  readonly publicHostName: string;
  /** Which paths of a host are addresses of a service provider that stood there before. */
  readonly aliases: ReadonlyMap<string, AliasPaths>;
  readonly trustedProxies: BlockList;
  readonly newRequestId: () => string;
  readonly cookies: CookieNames;
  /** Value of Strict-Transport-Security on answers over TLS; undefined sends none. */
  readonly hsts?: string | undefined;
  readonly serviceProvider: ServiceProvider;
  /** The service providers of apps that have one of their own. */
  readonly ownDoors: readonly OwnDoor[];
  readonly signIn: SignIn;
  readonly signOut: SignOut;
  readonly idpLogout: IdpLogout;
  readonly resolveArtifact: ResolveArtifact;
  readonly jars: JarKeeper;
  readonly marks: Marks;
  readonly goodbyes: Goodbyes;
  readonly appSignIns: AppSignIns;
  readonly keptForms: KeptForms;
  /** Where messages came from that an identity provider had signed. */
  readonly familiar: Familiar;
  /** Room for SAML messages, one after the other. */
  readonly enter: Enter;
  readonly pages: Pages;
  /** The keys that what apps are told about people is signed with: a JWK Set, as JSON. */
  readonly jwks: string;
  readonly audit: Audit;
  readonly measures: Pick<Measures, 'served' | 'count'>;
  readonly tracing: Tracing;
  readonly log: Log;
  /** What has taken the place of these. */
  successor?: Doors | undefined;
}

/** What is another's at the service provider that an app has of its own. */
export type OwnDoor = Pick<
  Doors,
  'serviceProvider' | 'apps' | 'publicOrigin' | 'publicHostName' | 'signIn' | 'idpLogout' | 'resolveArtifact'
>;

/** One request as every door sees it: read once, for the rules and the proxy alike. */
export interface Seen {
  readonly requestId: string;
  readonly client: Client;
  /** Lower case, without port; empty where the Host header is none. */
  readonly hostName: string;
  /** The target in origin-form: what is judged and what is sent. */
  readonly target: string;
  readonly readings: Readings | 'ambiguous';
  /** Undefined where nothing is traced. */
  readonly trace: Trace | undefined;
}

/** Koa's state. */
export interface State {
  readonly seen: Seen;
  /** Where it has been decided already, or is being. */
  readonly admission?: Soon<Admission> | undefined;
  /** Why there was no answer, where there was to be one. */
  readonly failure?: { readonly cause: unknown } | undefined;
}

// A small SAML 2.0 identity provider for the demonstration and for tests. It is the other party: it shares no SAML code with
// the gateway. It keeps everything in memory and accepts passwords in the clear, so it must never be more than a demonstration.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../../gateway/kernel/clock.ts';
import { DEMO_ACCOUNTS, type Account, type NameIdKind } from './accounts.ts';
import { html, type Answer } from './answers.ts';
import type { BackChannelOptions, SignOutReport } from './back-channel.ts';
import type { Variations } from './compose.ts';
import type { Tls } from './deliver.ts';
import { newKeys, type IdentityProviderKeys } from './keys.ts';
import { metadataXml } from './metadata.ts';
import { BINDING, FORMAT } from './names.ts';
import { refusalPage } from './pages.ts';
import type { Received } from './receive.ts';
import { Refusal } from './refusal.ts';
import { answerTo } from './routes.ts';
import { readServiceProvider } from './service-provider.ts';
import { signOutByBackChannel, signOutByBrowser } from './sign-out.ts';
import type { IdpSession, State } from './state.ts';

export interface IdentityProviderOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The address listened on; default 127.0.0.1. */
  readonly host?: string | undefined;
  /** The host name browsers use, where it is not `host`. SOAP keeps to `host`, since servers may not know the name. */
  readonly name?: string | undefined;
  /** Default `<url>/metadata`. */
  readonly entityId?: string | undefined;
  readonly accounts?: readonly Account[] | undefined;
  readonly clock?: Clock | undefined;
  /** Default: new ones, which takes a tenth of a second. */
  readonly keys?: IdentityProviderKeys | undefined;
  /** How people are named where the AuthnRequest does not say. Default emailAddress. */
  readonly nameId?: NameIdKind | undefined;
  /** Metadata of service providers known from the start. */
  readonly sp?: readonly string[] | undefined;
  /** For SOAP addresses with https. */
  readonly tls?: Tls | undefined;
  /** Departures from the usual; may be changed while it runs. */
  readonly vary?: Variations | undefined;
}

export interface IdentityProvider {
  /** Without a slash at the end. */
  readonly url: string;
  readonly entityId: string;
  readonly metadataXml: string;
  readonly keys: IdentityProviderKeys;
  readonly vary: Variations;
  /** Every verified message from service providers, oldest first. */
  readonly received: readonly Received[];
  /** Who is signed in here, oldest first. */
  sessions(): readonly IdpSession[];
  /** Ends every session here, as if its time had come, and tells nobody. */
  forgetSessions(): void;
  /** Makes a service provider known, or known anew. Throws a Refusal where the metadata lacks something. */
  registerServiceProvider(metadata: string): void;
  /** Ends the person's sessions here and tells their service providers, server to server. */
  signOutEverywhere(username: string, options?: BackChannelOptions): Promise<readonly SignOutReport[]>;
  /** Ends the person's sessions here; the answer sends the browser to the first service provider. */
  signOutInBrowser(username: string, binding: 'redirect' | 'post'): Answer;
  close(): Promise<void>;
}

/** Starts it; resolves when it listens. */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer();
  server.listen(options.port, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.name ?? host}:${port}`;
  const clock = options.clock ?? systemClock;
  const state: State = {
    entityId: options.entityId ?? `${url}/metadata`,
    addresses: {
      home: `${url}/`,
      singleSignOn: `${url}/sso`,
      singleLogout: `${url}/slo`,
      soap: `http://${host}:${port}/slo/soap`,
    },
    keys: options.keys ?? (await newKeys('curfew demonstration identity provider', new Date(clock.now()))),
    clock,
    accounts: options.accounts ?? DEMO_ACCOUNTS,
    nameIdKind: options.nameId ?? 'emailAddress',
    tls: options.tls,
    vary: options.vary ?? {},
    serviceProviders: new Map(),
    sessions: new Map(),
    awaitingLogin: new Map(),
    chains: new Map(),
    received: [],
  };
  const metadata = ownMetadata(state);
  const registerServiceProvider = (xml: string): void => {
    const sp = readServiceProvider(xml);
    state.serviceProviders.set(sp.entityId, sp);
  };
  options.sp?.forEach(registerServiceProvider);
  server.on('request', (request, response) => void serve(state, metadata, request, response));
  return {
    url,
    entityId: state.entityId,
    metadataXml: metadata,
    keys: state.keys,
    vary: state.vary,
    received: state.received,
    sessions: () => [...state.sessions.values()],
    forgetSessions: () => state.sessions.clear(),
    registerServiceProvider,
    signOutEverywhere: (username, how) => signOutByBackChannel(state, username, how),
    signOutInBrowser: (username, binding) => signOutByBrowser(state, username, binding),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ownMetadata = ({ entityId, addresses, keys }: State): string =>
  metadataXml({
    entityId,
    wantAuthnRequestsSigned: true,
    signingCertificates: [keys.certificate],
    singleLogout: [
      { binding: BINDING.redirect, location: addresses.singleLogout },
      { binding: BINDING.post, location: addresses.singleLogout },
      { binding: BINDING.soap, location: addresses.soap },
    ],
    nameIdFormats: [FORMAT.emailAddress, FORMAT.persistent],
    singleSignOn: [
      { binding: BINDING.redirect, location: addresses.singleSignOn },
      { binding: BINDING.post, location: addresses.singleSignOn },
    ],
  });

async function serve(
  state: State,
  metadata: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = await answerTo(state, metadata, request).catch((error: unknown) => {
    if (error instanceof Refusal) return html(refusalPage(error.message), 400);
    return html(refusalPage('The identity provider failed.'), 500);
  });
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body);
}

// A whole gateway for journeys: real sockets on port 0, its own store, its own clock, the pretend identity provider and recording
// applications behind it.

import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { startIdentityProvider, type IdentityProvider } from '../../demo/identity-provider/server.ts';
import { newKeys, type IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { formatFaults } from '../../gateway/config/faults.ts';
import { loadConfiguration, type Configuration } from '../../gateway/config/load.ts';
import type { Audit, AuditEvent } from '../../gateway/kernel/audit.ts';
import type { Clock, Elapsed } from '../../gateway/kernel/clock.ts';
import type { Log, LogFacts } from '../../gateway/kernel/log.ts';
import { uncounted, type Measures } from '../../gateway/kernel/measures.ts';
import { start, type Running } from '../../gateway/server.ts';
import { openBrowser, type Browser, type Page } from './browser.ts';
import { manualClock, type ManualClock } from './clock.ts';
import { submitsItself } from './forms.ts';
import { collectSecrets, refuseLeaks, type Secrets } from './secrets.ts';
import { startUpstream, type RecordingUpstream } from './upstream.ts';

export interface LogLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly facts: LogFacts;
}

export interface Count {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One gateway and everything around it. */
export interface Stage {
  readonly url: string;
  readonly running: Running;
  readonly idp: IdentityProvider;
  readonly upstream: RecordingUpstream;
  readonly clock: ManualClock;
  readonly audit: AuditEvent[];
  /** Which trace each of them names. */
  readonly traced: readonly { readonly event: AuditEvent['event']; readonly traceId: string | undefined }[];
  readonly lines: LogLine[];
  readonly counts: Count[];
  /** What no line may hold; searched for when the test ends, and to be added to. */
  readonly secrets: Secrets;
  readonly folder: string;
  readonly configuration: Configuration;
  /** `http://NAME.test:PORT` */
  at(host: string, path?: string): string;
  browser(): Browser;
  /** Signs in at an app's page and answers with the browser. */
  signedIn(user: 'alice' | 'bob', address: string): Promise<Browser>;
  /** Stops the gateway and starts it again on the same port and store. */
  restart(): Promise<void>;
}

export interface StageOptions {
  /** Policies by file name without ending; `${UPSTREAM}` stands for the recording application. Default: wiki and chat. */
  readonly apps?: Readonly<Record<string, string>>;
  /** Further lines of gateway.yaml; `${PORT}` stands for the port that browsers use. */
  readonly gateway?: string;
  /** What limits are counted by. Default: the machine's. */
  readonly elapsed?: Elapsed;
  /** Further entries of `listen`, after a comma. */
  readonly listen?: string;
  /** Further lines of `saml`, indented by two spaces. */
  readonly saml?: string;
  /** Further lines of `sessions`, indented by two spaces. */
  readonly sessions?: string;
  /** Further lines of the identity provider's entry, indented by four spaces. */
  readonly idp?: string;
  /** `file`, `memory`, or the address of a Redis. */
  readonly store?: string;
  /** Default `http://login.test:PORT`; browsers of the test reach another one only as a proxy would. */
  readonly publicUrl?: string;
  /** Further files of the folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where the identity provider's metadata is. Default: the file `idp.xml` of the folder. */
  readonly metadataAt?: string;
  /** Changes the identity provider's metadata before the gateway reads it. */
  readonly metadata?: (xml: string) => string;
  readonly upstream?: RecordingUpstream;
  readonly identityProvider?: Omit<Parameters<typeof startIdentityProvider>[0], 'port' | 'clock'>;
}

/** The policy of an app that everybody may use who has signed in. */
export const OPEN = (app: string) => `app: ${app}
hosts: [${app}.test]
upstream: \${UPSTREAM}
access:
  - { paths: [/public/**], allow: anyone }
  - { paths: [/admin/**], allow: { attributes: { groups: [admins] } } }
  - { allow: authenticated }
identity:
  headers:
    Remote-User: \${nameId}
    X-Forwarded-Groups: \${attributes.groups}
    X-Display-Name: \${attributes.displayName}
`;

const SESSION_SECRET = '0123456789abcdef0123456789abcdef';

/** One key for all gateways of a test process: making one takes longer than most tests. */
const gatewayKeys: Promise<IdentityProviderKeys> = newKeys('curfew', new Date('2026-01-01T00:00:00Z'));
const idpKeys: Promise<IdentityProviderKeys> = newKeys('idp', new Date('2026-01-01T00:00:00Z'));

/** What a gateway finds when it starts: policies in a folder, applications, an identity provider. */
export interface Scenery {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly idp: IdentityProvider;
  readonly upstream: RecordingUpstream;
}

/** Builds the scenery and takes it down at the end of the test. Without `clock` the identity provider goes by the machine's. */
export async function scenery(t: ExecutionContext, options: StageOptions = {}, clock?: Clock): Promise<Scenery> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-journey-'));
  const port = await reservedPort(t);
  const url = options.publicUrl ?? `http://login.test:${port}`;
  const upstream = options.upstream ?? (await startUpstream());
  const idp = await startIdentityProvider({ port: 0, clock, keys: await idpKeys, ...options.identityProvider });
  t.teardown(async () => {
    await idp.close();
    if (options.upstream === undefined) await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });
  const keys = await gatewayKeys;
  await writeFile(join(folder, 'sp.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(folder, 'sp.crt'), keys.certificate);
  await writeFile(join(folder, 'idp.xml'), options.metadata?.(idp.metadataXml) ?? idp.metadataXml);
  await writeFile(join(folder, 'gateway.yaml'), gatewayYaml(url, port, options));
  for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text);
  const apps = options.apps ?? { wiki: OPEN('wiki'), chat: OPEN('chat') };
  for (const [name, text] of Object.entries(apps)) {
    await writeFile(join(folder, `${name}.yaml`), text.replaceAll('${UPSTREAM}', upstream.url));
  }
  return { url, port, folder, idp, upstream };
}

/** Sets everything up and takes it down at the end of the test. */
export async function stage(t: ExecutionContext, options: StageOptions = {}): Promise<Stage> {
  const clock = manualClock();
  const { url, port, folder, idp, upstream } = await scenery(t, options, clock);
  const load = () =>
    loadConfiguration(folder, {}, { idpMetadata: () => undefined, template: () => undefined, certificates: () => [] });
  const loaded = load();
  if ('faults' in loaded) throw new Error(formatFaults(loaded.faults));
  const { configuration } = loaded;

  const audit: AuditEvent[] = [];
  const traced: { event: AuditEvent['event']; traceId: string | undefined }[] = [];
  const record: Audit['record'] = (event, _requestId, traceId) => {
    audit.push(event);
    traced.push({ event: event.event, traceId });
  };
  const lines: LogLine[] = [];
  const counts: Count[] = [];
  const measures: Measures = {
    ...uncounted,
    count: (name, labels) => void counts.push({ name, labels: { ...labels } }),
  };
  const at =
    (level: keyof Log) =>
    (event: string, facts: LogFacts = {}) =>
      void lines.push({ level, event, facts });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const begin = () =>
    start(
      configuration,
      { clock, log, measures, elapsed: options.elapsed, audit: { record } },
      { load, digestOf: () => 'digest' },
    );
  let running = await begin();
  await ready(running);
  idp.registerServiceProvider(running.parts.doors.serviceProvider.metadata);
  const browsers: Browser[] = [];
  const secrets = collectSecrets();
  secrets.add('sessions.secret', SESSION_SECRET);
  t.teardown(async () => {
    for (const browser of browsers) browser.close();
    await running.close(0);
    secrets.reached(upstream.requests);
    refuseLeaks(secrets, lines, audit);
  });

  const made: Stage = {
    url,
    get running() {
      return running;
    },
    idp,
    upstream,
    clock,
    audit,
    traced,
    lines,
    counts,
    secrets,
    folder,
    configuration,
    at: (host, path = '/') => `http://${host}.test:${port}${path}`,
    browser: () => {
      const browser = openBrowser({ clock, secrets });
      browsers.push(browser);
      return browser;
    },
    signedIn: async (user, address) => {
      const browser = made.browser();
      await signIn(browser, user, address);
      return browser;
    },
    restart: async () => {
      await running.close(0);
      running = await begin();
      await ready(running);
    },
  };
  return made;
}

/** A store that is a server of its own is connected to by and by. */
async function ready({ parts }: Running): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    const isReady = await parts.checks.store().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the store did not become ready');
}

/** From an app's page through the identity provider's form and back. Answers with the page it ends on. */
export async function signIn(browser: Browser, user: 'alice' | 'bob', address: string) {
  const form = await browser.visit(address);
  return browser.settle(await browser.submitForm(form, { username: user, password: `${user}pw` }));
}

/** Posts the Response in a page, with the detour that a browser makes over http, and follows no redirect. */
export async function postResponse(browser: Browser, response: Page): Promise<Page> {
  const page = await browser.submitForm(response, {}, { follow: false });
  return submitsItself(page.body) ? browser.submitForm(page, {}, { follow: false }) : page;
}

/** A whole address in quotes; the file by default. */
const storeOf = ({ store = 'file' }: StageOptions): string =>
  store === 'file' ? 'file:sessions.db' : JSON.stringify(store === 'memory' ? 'memory:' : store);

function gatewayYaml(url: string, port: number, options: StageOptions): string {
  return `publicUrl: ${url}
listen: { http: 127.0.0.1:${port}, admin: 127.0.0.1:0${options.listen ?? ''} }
saml:
  keys: [{ key: sp.key, cert: sp.crt }]
  metadataCopies: metadata
${options.saml ?? ''}
identityProviders:
  - name: corp
    metadata: ${options.metadataAt ?? 'idp.xml'}
${options.idp ?? ''}
sessions:
  store: ${storeOf(options)}
  secret: ${SESSION_SECRET}
${options.sessions ?? ''}
${options.gateway?.replaceAll('${PORT}', new URL(url).port) ?? ''}
`;
}

/**
 * publicUrl must be known before the gateway listens, so the port is chosen first: below those that the system gives to
 * outgoing connections, or one of them could take it in between.
 */
export async function freePort(): Promise<number> {
  const port = somePort();
  return (await isFree(port)) ? port : freePort();
}

/** A free port that no other test is given while this one lasts: whoever holds the odd port after it has it. */
async function reservedPort(t: ExecutionContext): Promise<number> {
  const port = somePort();
  const lock = await listeningOn(port + 1);
  if (lock === undefined) return reservedPort(t);
  t.teardown(() => lock.close());
  return (await isFree(port)) ? port : reservedPort(t);
}

const somePort = (): number => 2 * randomInt(6_000, 16_000);

async function isFree(port: number): Promise<boolean> {
  const probe = await listeningOn(port);
  if (probe !== undefined) await new Promise((resolve) => probe.close(resolve));
  return probe !== undefined;
}

function listeningOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

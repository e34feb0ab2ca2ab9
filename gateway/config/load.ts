// Reads a policies folder and answers with one frozen configuration, or with everything that is wrong with it.

import { join, resolve } from 'node:path';
import type * as z from 'zod';
import { parseListenAddress } from '../http/settings.ts';
import { adminFaults } from './admin-checks.ts';
import { keyed, readAppFiles, type AppFiles } from './app-files.ts';
import type { Configuration, OurSideConfiguration } from './configuration.ts';
import { certificateFaults, templateFaults } from './content-faults.ts';
import { crossCheck, entriesAt, faultAt, textAt, warn } from './cross-checks.ts';
import { judge } from './explain.ts';
import { inOrder, type Fault, type KeyPath } from './faults.ts';
import type { Judges } from './judges.ts';
import { listenFaults } from './listen-checks.ts';
import { deeplyFrozen } from './frozen.ts';
import { openFileWarnings } from './open-files.ts';
import { readPageFiles, type PageFiles } from './page-files.ts';
import { ownProviderFaults } from './own-provider-checks.ts';
import { readPolicies, readText, whyNoFolder } from './read.ts';
import { readReferencedFiles, type ReferencedFiles } from './referenced-files.ts';
import { appSchema, gatewaySchema, ourSideSchema } from './schema.ts';
import { recordedReading, type Snapshot } from './snapshot.ts';
import { workerFaults } from './worker-checks.ts';
import { parsePolicy, type Outside, type PolicyFile } from './yaml.ts';

export type {
  AppConfiguration,
  Configuration,
  IdentityProviderConfiguration,
  OurSideConfiguration,
} from './configuration.ts';

type Gateway = z.output<typeof gatewaySchema>;
type App = z.output<typeof appSchema>;

/** A configuration that can be used, or all its faults. */
export type Loaded = {
  /** What it was made of. */
  readonly snapshot: Snapshot;
  /** A fault of gateway.yaml that only shows when it is to be used. */
  readonly faultAt: (path: KeyPath, message: string) => Fault;
} & (
  { readonly configuration: Configuration; readonly warnings: readonly Fault[] } | { readonly faults: readonly Fault[] }
);

/** What the command line says in the place of a file, as it was typed. */
export interface CommandLine {
  readonly workers?: string | undefined;
}

/** Loads the policies in `dir`. Never throws for what is in them; every fault of every file is found in one run. */
export function loadConfiguration(
  dir: string,
  env: NodeJS.ProcessEnv,
  judges: Judges,
  { workers }: CommandLine = {},
): Loaded {
  const reading = recordedReading(dir);
  const outside: Outside = { env: (name) => env[name], file: reading.text };
  const { sources, unread } = readPolicies(dir, reading.text);
  const noFolder = whyNoFolder(dir);
  const files = sources.map((source) => parsePolicy(source, outside));
  const gatewayName = join(dir, 'gateway.yaml');
  const written = files.find(({ file }) => file === gatewayName);
  const gateway = written ?? parsePolicy({ file: gatewayName, text: '' }, outside);
  const apps = files.filter((file) => file !== written);

  const judgedGateway = judge(gateway, gatewaySchema);
  const judgedApps = apps.map((app) => judge(app, appSchema));
  const referenced = readReferencedFiles(gateway, judges.idpMetadata);
  const appFiles = apps.map((app) => readAppFiles(app, outside));
  const pageFiles = readPageFiles(gateway);
  for (const [key, kind] of [['logo', 'file'] as const, ['templates', 'folder'] as const]) {
    const name = textAt(gateway, ['pages', key]) ?? '';
    if (name !== '') reading.note(resolve(gateway.folder, name), kind);
  }
  const isWrittenAtAll = written !== undefined || unread.some(({ file }) => file === gatewayName);
  const faults = inOrder(gatewayName, [
    ...unread.map(({ file, reason }) => wholeFile(file, reason)),
    ...(noFolder === undefined ? [] : [wholeFile(dir, noFolder)]),
    ...(isWrittenAtAll || noFolder !== undefined ? [] : [wholeFile(gatewayName, NO_GATEWAY)]),
    ...(apps.length > 0 || noFolder !== undefined ? [] : [wholeFile(join(dir, '*.yaml'), NO_APP)]),
    ...files.flatMap((file) => file.faults),
    ...(written === undefined ? [] : faultsOf(judgedGateway)),
    ...judgedApps.flatMap(faultsOf),
    ...referenced.faults,
    ...appFiles.flatMap((read) => read.faults),
    ...pageFiles.faults,
    ...crossCheck(gateway, apps),
    ...listenFaults(gateway),
    ...adminFaults(gateway, apps),
    ...workerFaults(gateway, workers),
    ...ownProviderFaults(gateway, apps),
    ...certificateFaults(gateway, judges.certificates),
    ...apps.flatMap((app) => templateFaults(app, judges.template)),
  ]);
  const common = {
    snapshot: reading.snapshot,
    faultAt: (path: KeyPath, message: string) => faultAt(gateway, path, message),
  };
  if (faults.length > 0 || 'faults' in judgedGateway) return { ...common, faults };
  const compiled = judgedApps.flatMap((app, index) => ('value' in app ? [withFiles(app.value, appFiles[index])] : []));
  const configuration = assemble(gateway, judgedGateway.value, compiled, referenced, pageFiles);
  return {
    ...common,
    configuration: deeplyFrozen(configuration),
    warnings: inOrder(gatewayName, [...warn(gateway), ...openFileWarnings(files)]),
  };
}

/**
 * Loads our own side only, whatever else is missing: an identity provider's administrator wants our metadata before
 * sending theirs. The faults are those that stand in its way.
 */
export function loadOurSide(dir: string, env: NodeJS.ProcessEnv): OurSideConfiguration | { readonly faults: Fault[] } {
  const name = join(dir, 'gateway.yaml');
  const text = readText(name);
  if (typeof text !== 'string') return { faults: [wholeFile(name, NO_GATEWAY)] };
  const gateway = parsePolicy({ file: name, text }, { env: (key) => env[key], file: readText });
  const judged = judge(gateway, ourSideSchema);
  const { keys, faults } = readReferencedFiles(gateway, () => undefined);
  const ours = [...faultsOf(judged), ...faults].filter(({ key }) => /^(publicUrl|backchannelUrl|saml|$)/.test(key));
  if (ours.length > 0 || 'faults' in judged) return { faults: inOrder(name, ours) };
  const { publicUrl, backchannelUrl } = judged.value;
  return {
    publicUrl,
    backchannelUrl: backchannelUrl ?? defaultBackchannelUrl(publicUrl, gateway),
    saml: samlOf(gateway, judged.value, keys),
  };
}

const NO_GATEWAY =
  'is missing; write at least publicUrl, saml.keys, identityProviders and sessions.secret, as docs/configuration.md shows';
const NO_APP = 'there is no app; write one file for each, such as wiki.yaml, as docs/configuration.md shows';

const wholeFile = (file: string, message: string): Fault => ({ file, line: undefined, key: '', message });

const faultsOf = (judged: { readonly value: unknown } | { readonly faults: readonly Fault[] }): readonly Fault[] =>
  'faults' in judged ? judged.faults : [];

function assemble(
  file: PolicyFile,
  gateway: Gateway,
  apps: readonly ReturnType<typeof withFiles>[],
  { keys, jwtKeys, identityProviders, tracingCa }: ReferencedFiles,
  { logo, templates }: PageFiles,
): Configuration {
  const { folder } = file;
  const { store } = gateway.sessions;
  const [onlyProvider] = gateway.identityProviders;
  return {
    ...gateway,
    saml: samlOf(file, gateway, keys),
    pages: { ...gateway.pages, logo, templates },
    jwt: { keys: jwtKeys.filter((key) => key !== undefined) },
    backchannelUrl: gateway.backchannelUrl ?? defaultBackchannelUrl(gateway.publicUrl, file),
    tls: gateway.tls && {
      ...gateway.tls,
      certificates: resolve(folder, gateway.tls.certificates),
      clientCa: gateway.tls.clientCa && resolve(folder, gateway.tls.clientCa),
    },
    identityProviders: gateway.identityProviders.flatMap((provider, index) => {
      const read = identityProviders[index];
      return read === undefined ? [] : [{ ...provider, ...read }];
    }),
    audit: { ...gateway.audit, file: gateway.audit.file && resolve(folder, gateway.audit.file) },
    tracing: gateway.tracing && { ...gateway.tracing, ca: tracingCa },
    sessions: {
      ...gateway.sessions,
      store: store.kind === 'file' ? { kind: 'file', path: resolve(folder, store.path) } : store,
    },
    apps: apps.map(({ identityProvider, identityProviders, signIn, ...app }) => {
      const own = identityProviders ?? [identityProvider ?? onlyProvider?.name ?? ''];
      return {
        ...app,
        identityProviders: own,
        signIn: signIn && { ...signIn, credentials: keyed(signIn.credentials, own) },
      };
    }),
  };
}

/** Undefined where no back channel listens. */
function defaultBackchannelUrl(publicUrl: string, gateway: PolicyFile): string | undefined {
  const port = parseListenAddress(textAt(gateway, ['listen', 'backchannel']) ?? '')?.port;
  return port === undefined ? undefined : `https://${new URL(publicUrl).hostname}:${port}`;
}

const withFiles = ({ signIn, saml, ...app }: App, files?: AppFiles) => ({
  ...app,
  saml: saml && { ...saml, keys: files?.keys?.filter((pair) => pair !== undefined) },
  upstreamTls: files?.tls,
  signIn: signIn && { form: signIn.form, credentials: files?.people ?? new Map() },
});

const samlOf = (
  file: PolicyFile,
  { publicUrl, saml }: Pick<Gateway, 'publicUrl' | 'saml'>,
  keys: ReferencedFiles['keys'],
): Configuration['saml'] => ({
  entityId: saml.entityId ?? `${publicUrl}/saml/metadata`,
  keys: keys.filter((pair) => pair !== undefined),
  clockSkewMs: saml.clockSkewMs,
  offerEncryption: saml.offerEncryption,
  aliases: saml.aliases,
  takesArtifacts: entriesAt(file, ['identityProviders']).some(
    ({ path }) => textAt(file, [...path, 'signOn', 'responseBinding']) === 'artifact',
  ),
  metadataCopies: resolve(file.folder, saml.metadataCopies),
});

// The identity providers as the service provider is given them: what is configured about each, and its metadata, which is kept current.

import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import type { Configuration } from './config/load.ts';
import { isSame } from './changes.ts';
import type { Surroundings } from './surroundings.ts';
import type { IdpMetadata } from './saml/idp-metadata.ts';
import { watchMetadata, type MetadataWatch } from './saml/metadata/watch.ts';
import type { IdentityProvider } from './saml/service-provider.ts';

type Settings = Configuration['identityProviders'][number];

/** One of them: as it is configured, what of that its metadata depends on, and its metadata. */
interface Watched {
  readonly settings: Settings;
  readonly configured: unknown;
  readonly metadata: MetadataWatch;
}

/** All identity providers, and what keeps them current. */
export type IdentityProviders = Awaited<ReturnType<typeof openIdentityProviders>>;

/**
 * Reads the metadata of each; where what is configured of it is as before, what is known of it is gone on with. Rejects with SAML_METADATA_UNREADABLE
 * where one is to be had neither from its source nor from a copy.
 */
export async function openIdentityProviders(
  { identityProviders, saml }: Pick<Configuration, 'identityProviders' | 'saml'>,
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
  former?: { readonly watched: readonly Watched[] },
) {
  const watched = await Promise.all(
    identityProviders.map(async (settings): Promise<Watched> => {
      const { name, metadata: place, entityId, signedBy, refreshMs } = settings;
      const key = signedBy === undefined ? undefined : new X509Certificate(signedBy).publicKey;
      const copy = join(saml.metadataCopies, `${name}.xml`);
      const wanted = { name, place, entityId, signedBy: key, refreshMs, copy };
      const known = former?.watched.find((one) => one.settings.name === name);
      if (!isSame(known?.settings.allow, settings.allow)) warnOfWeaknesses(settings, log);
      const configured = { place, entityId, signedBy, refreshMs, copy };
      const isKnown = isSame(known?.configured, configured);
      const metadata = known !== undefined && isKnown ? known.metadata : await watchMetadata(wanted, { clock, log });
      return { settings, configured, metadata };
    }),
  );
  /** What the service providers go by. A look that another configuration began may be answered in the middle of this one. */
  const given = watched.map(({ settings, metadata }) => identityProvider(settings, metadata.current()));
  const expired = (): string[] =>
    watched
      .map(({ metadata, settings }) => ({ name: settings.name, until: metadata.current().validUntil }))
      .filter(({ until }) => until !== undefined && until <= clock.now())
      .map(({ name }) => `the metadata of ${name} is no longer valid: nobody can sign in there`);
  return {
    watched,
    now: (): IdentityProvider[] => [...given],
    /** Looks again where it is time, and hands on what has changed. Never rejects. */
    refresh: async (replace: (idp: IdentityProvider) => void): Promise<void> => {
      await Promise.all(
        watched.map(async ({ settings, metadata }, at) => {
          await metadata.refresh();
          if (given[at]?.metadata === metadata.current()) return;
          given[at] = identityProvider(settings, metadata.current());
          replace(given[at]);
        }),
      );
    },
    /** Rejects where people cannot sign in. */
    ready: async (): Promise<void> => {
      const [first] = expired();
      if (first !== undefined) throw new Error(first);
    },
    /** How the metadata of each stands. */
    states: () =>
      watched.map(({ settings, metadata }) => ({
        idp: settings.name,
        validUntil: metadata.current().validUntil,
        isCurrent: metadata.trouble() === undefined,
      })),
    /** What should be looked at soon: the last good metadata still serves. */
    warnings: (): string[] =>
      watched.flatMap(({ settings, metadata }) => {
        const trouble = metadata.trouble();
        return trouble === undefined ? [] : [`the metadata of ${settings.name} ${trouble}`];
      }),
  };
}

/**
 * For the gateway's own service provider: those that an app has there come first. Two entries may be one identity provider, which signs for each service
 * provider with another key (Entra ID), and an Issuer is taken for the first that it names. Warns where an app could mean both.
 */
export function usedFirst(
  configuration: Pick<Configuration, 'apps' | 'admin' | 'identityProviders'>,
  idps: readonly IdentityProvider[],
  log: Surroundings['log'],
): IdentityProvider[] {
  const used = usedHere(configuration);
  const [here, elsewhere] = [idps.filter(({ name }) => used.has(name)), idps.filter(({ name }) => !used.has(name))];
  for (const two of alike(here)) log.warn('identity-providers-alike', { ...two, remedy: ALIKE_REMEDY });
  return [...here, ...elsewhere];
}

/** The names of those that people use at the gateway's own service provider. */
export function usedHere({
  apps,
  admin,
  identityProviders,
}: Pick<Configuration, 'apps' | 'admin' | 'identityProviders'>): ReadonlySet<string> {
  const ofAdmin =
    admin.url === undefined ? [] : (admin.identityProviders ?? identityProviders.slice(0, 1).map(({ name }) => name));
  return new Set([
    ...apps.filter(({ saml }) => saml === undefined).flatMap((app) => app.identityProviders),
    ...ofAdmin,
  ]);
}

/** What is to be done about two that are alike. */
export const ALIKE_REMEDY =
  'name it once, or give the apps of one of them a service provider of their own (saml.entityId in their files)';

/** Those that one service provider cannot tell apart, because they have an Issuer in common: the second, `other`, signs nobody in. */
export function alike(
  idps: readonly Pick<IdentityProvider, 'name' | 'entityId' | 'issuers'>[],
): { readonly idp: string; readonly other: string }[] {
  const known = new Map<string, string>();
  return idps.flatMap(({ name, entityId, issuers }) => {
    const [before] = [entityId, ...issuers].flatMap((issuer) => known.get(issuer) ?? []);
    for (const issuer of [entityId, ...issuers]) if (!known.has(issuer)) known.set(issuer, name);
    return before === undefined ? [] : [{ idp: before, other: name }];
  });
}

function warnOfWeaknesses({ name, allow }: Settings, log: Surroundings['log']): void {
  const allowed = Object.entries(allow).flatMap(([weakness, isAllowed]) => (isAllowed ? [weakness] : []));
  if (allowed.length > 0) log.warn('weaknesses-allowed', { idp: name, allow: allowed });
}

const identityProvider = (settings: Settings, metadata: IdpMetadata): IdentityProvider => ({
  name: settings.name,
  title: settings.title ?? settings.name,
  entityId: metadata.entityId,
  issuers: settings.issuers,
  keys: metadata.keys,
  validUntil: metadata.validUntil,
  allow: settings.allow,
  clientCertificateNames: settings.clientCertificateNames,
  wantAssertionsEncrypted: settings.wantAssertionsEncrypted,
  attributeNames: settings.attributes,
  nameIdFrom: settings.nameId,
  signOn: settings.signOn,
  revalidateMs: settings.revalidateMs,
  soapTls: settings.soapTls,
  logoutBinding: settings.logout.binding,
  logoutOnTimeout: settings.logout.onTimeout,
  logoutUrl: settings.logout.url,
  logoutMatch: settings.logout.match,
  metadata,
});

// An identity provider before anybody is served: its metadata, where it is fetched, and the addresses that the gateway itself calls.

import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import type { Configuration } from '../../config/load.ts';
import { reachSoap } from '../../http/soap-client.ts';
import type { Clock } from '../../kernel/clock.ts';
import { alike, usedHere } from '../../identity-providers.ts';
import { readIdpMetadata, type IdpMetadata } from '../../saml/idp-metadata.ts';
import { readCopy } from '../../saml/metadata/copy.ts';
import { readPlace, type SeenPlace } from '../../saml/metadata/source.ts';
import type { IdentityProvider } from '../../saml/service-provider.ts';
import { JUDGES } from '../configured.ts';
import { alikeWarning, passedOver } from '../provider-warnings.ts';
import type { Answer, Asker, Finding } from './finding.ts';

type Settings = Configuration['identityProviders'][number];

const TRUST =
  'ask the address by curl from here; the authority of its certificate goes into `ca`, who signs the metadata into `signedBy`';
const SOAP_TRUST =
  'it is called as it stands in the metadata, by the authorities of `soapTls.ca`, otherwise those of this machine; `logout: { binding: redirect }` goes without';

/** Asks one identity provider. */
export function identityProviderAsker(
  configuration: Pick<Configuration, 'saml' | 'apps' | 'admin' | 'identityProviders'>,
  clock: Clock,
  ask: Asker,
): (settings: Settings) => Promise<Finding[]> {
  const { saml } = configuration;
  const used = usedHere(configuration);
  const read: Pick<IdentityProvider, 'name' | 'entityId' | 'issuers'>[] = [];

  /** What has been said already of those in files. */
  function warningsOf({ unusable, entityId }: IdpMetadata, { name, issuers, metadata }: Settings): string[] {
    if (used.has(name)) read.push({ name, entityId, issuers });
    if ('text' in metadata) return [];
    const pairs = alike(read).filter(({ other }) => other === name);
    return [...unusable.map(passedOver), ...pairs.map(({ idp, other }) => alikeWarning(idp, other))];
  }

  function judged(text: string, { entityId, signedBy, signOn }: Settings): IdpMetadata {
    const artifacts = signOn.responseBinding === 'artifact';
    const message = JUDGES.idpMetadata(text, { entityId, signedBy, artifacts });
    if (message !== undefined) throw new Error(message);
    const key = signedBy === undefined ? undefined : new X509Certificate(signedBy).publicKey;
    return readIdpMetadata(text, { entityId, signedBy: key });
  }

  /** As serving does where the address fails: whether it would start all the same. */
  async function withCopy(settings: Settings, error: unknown): Promise<Error> {
    const reason = error instanceof Error ? error.message : String(error);
    const copy = await readCopy(join(saml.metadataCopies, `${settings.name}.xml`));
    return new Error(copy === undefined ? reason : `${reason}; serving would go on with the copy that it has kept`);
  }

  return async (settings) => {
    const { name, metadata: place } = settings;
    const what = `identity provider ${name}`;
    let metadata: IdpMetadata | undefined;
    const isFetched = 'url' in place;
    const described = await ask({
      what,
      at: isFetched ? place.url : place.path,
      ...(isFetched && { remedy: TRUST }),
      ask: async () => {
        const seen: SeenPlace = {};
        try {
          metadata = judged((isFetched ? await readPlace(place, seen) : place.text) ?? '', settings);
        } catch (error) {
          throw isFetched ? await withCopy(settings, error) : error;
        }
        return {
          text: factsOf(metadata, settings),
          notes: [...skewOf(seen, clock, saml.clockSkewMs), ...warningsOf(metadata, settings)],
        };
      },
    });
    const calls = metadata === undefined ? [] : callsOf(settings, metadata);
    const reached = calls.map(([kind, at]) =>
      ask({
        what: `${what}, ${kind}`,
        at,
        remedy: SOAP_TRUST,
        ask: () => reachSoap(at, settings.soapTls).then((): Answer => ({ text: 'can be reached' })),
      }),
    );
    return [described, ...(await Promise.all(reached))];
  };
}

function factsOf({ entityId, validUntil, certificates, keys: all }: IdpMetadata, { signedBy }: Settings): string {
  const until = validUntil === undefined ? '' : `, valid until ${new Date(validUntil).toISOString()}`;
  const keys =
    certificates.length < all.length
      ? `${all.length} keys`
      : certificates.length === 1
        ? 'one certificate'
        : `${certificates.length} certificates`;
  return `${entityId}, ${keys}${signedBy === undefined ? '' : ', signed as it must be'}${until}`;
}

/** `Date` counts whole seconds, and the way here takes some time. */
const NOTICED_MS = 5000;

/** Messages carry times: a clock that is wrong by more than `saml.clockSkew` refuses them all. */
function skewOf({ servedAt }: SeenPlace, clock: Clock, allowedMs: number): string[] {
  if (servedAt === undefined) return [];
  const skewMs = clock.now() - servedAt;
  if (Math.abs(skewMs) < NOTICED_MS) return [];
  const than = `this machine's clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the server's`;
  const effect = Math.abs(skewMs) > allowedMs ? ': its messages would be refused' : '';
  return [`${than}${effect}; run an NTP client`];
}

/** What the gateway calls by itself, server to server. */
function callsOf({ logout, signOn }: Settings, metadata: IdpMetadata): [kind: string, at: string][] {
  const { soap, redirect, post } = metadata.logout;
  const isOnlyWay = redirect === undefined && post === undefined;
  const isCalled = logout.binding === 'soap' || (logout.binding === 'auto' && (logout.onTimeout || isOnlyWay));
  const artifacts = signOn.responseBinding === 'artifact' ? [...metadata.artifactResolution.values()] : [];
  return [
    ...(soap !== undefined && isCalled ? [['logout by SOAP', soap.location] as [string, string]] : []),
    ...artifacts.map((at): [string, string] => ['artifacts', at]),
  ];
}

// The files that gateway.yaml names: keys, certificates, metadata. Read and judged from what is
// written, so that a fault elsewhere hides none of theirs.

import { resolve } from 'node:path';
import { authoritiesFault } from '../http/settings.ts';
import type { UpstreamTls } from '../kernel/words.ts';
import { signingKeyFault } from '../proxy/settings.ts';
import { isCertificate, isMetadataUrl, keyPairFault } from '../saml/settings.ts';
import { entriesAt, faultAt, textAt } from './cross-checks.ts';
import type { Fault, KeyPath } from './faults.ts';
import { readNamed } from './named-file.ts';
import { readTls } from './tls-files.ts';
import type { PolicyFile } from './yaml.ts';

const MAKES_KEYS = '`curfew keys` makes it';

/** What was read; an entry is undefined where a fault says why. */
export interface ReferencedFiles {
  readonly keys: readonly ({ readonly key: string; readonly cert: string } | undefined)[];
  readonly jwtKeys: readonly (string | undefined)[];
  readonly identityProviders: readonly (IdentityProviderFiles | undefined)[];
  /** For the collector of traces. */
  readonly tracingCa: string | undefined;
  readonly faults: readonly Fault[];
}

/** What an identity provider's entry names: metadata as text where it is a file, certificates as PEM. */
export interface IdentityProviderFiles {
  readonly metadata:
    { readonly path: string; readonly text: string } | { readonly url: string; readonly ca: string | undefined };
  readonly signedBy: string | undefined;
  /** For SOAP calls to it. */
  readonly soapTls: UpstreamTls | undefined;
}

/** Reads them all. `judgeMetadata` says what is wrong with an identity provider's metadata, or undefined. */
export function readReferencedFiles(
  gateway: PolicyFile,
  judgeMetadata: (
    text: string,
    wanted: { entityId?: string | undefined; signedBy?: string | undefined; artifacts?: boolean },
  ) => string | undefined,
): ReferencedFiles {
  const faults: Fault[] = [];
  const read = (path: KeyPath, remedy?: string): string | undefined => readNamed(gateway, path, faults, remedy);

  const { keys, faults: keyFaults } = readKeyPairs(gateway);
  faults.push(...keyFaults);

  const jwtKeys = entriesAt(gateway, ['jwt', 'keys']).map(({ path }) => {
    const text = read(path, MAKES_KEYS);
    const message = text === undefined ? undefined : signingKeyFault(text);
    if (message === undefined) return text;
    faults.push(faultAt(gateway, path, message));
    return undefined;
  });

  const certificate = (place: KeyPath): string | undefined => {
    const pem = read(place);
    if (pem === undefined || isCertificate(pem)) return pem;
    faults.push(faultAt(gateway, place, 'is no PEM certificate'));
    return undefined;
  };

  const identityProviders = entriesAt(gateway, ['identityProviders']).map(({ path }) => {
    const place = [...path, 'metadata'];
    const [signedBy, ca] = [certificate([...path, 'signedBy']), certificate([...path, 'ca'])];
    const { tls: soapTls, faults: tlsFaults } = readTls(gateway, [...path, 'soapTls']);
    faults.push(...tlsFaults);
    const written = textAt(gateway, place) ?? '';
    if (isMetadataUrl(written)) return { metadata: { url: written, ca }, signedBy, soapTls };
    const text = read(place, 'save the metadata of the identity provider there, or write its https address');
    if (text === undefined) return undefined;
    const artifacts = textAt(gateway, [...path, 'signOn', 'responseBinding']) === 'artifact';
    const message = judgeMetadata(text, { entityId: textAt(gateway, [...path, 'entityId']), signedBy, artifacts });
    if (message === undefined) return { metadata: { path: resolve(gateway.folder, written), text }, signedBy, soapTls };
    faults.push(faultAt(gateway, place, message));
    return undefined;
  });
  const authorities = (place: KeyPath): string | undefined => {
    const pem = read(place);
    const fault = pem === undefined ? undefined : authoritiesFault(pem);
    if (fault !== undefined) faults.push(faultAt(gateway, place, fault));
    return pem;
  };
  authorities(['tls', 'clientCa']);
  const tracingCa = authorities(['tracing', 'ca']);
  return { keys, jwtKeys, identityProviders, tracingCa, faults };
}

/** The key pairs of `saml.keys`, as PEM; undefined where a fault says why. Of gateway.yaml, and of an app with a service provider of its own. */
export function readKeyPairs(file: PolicyFile): Pick<ReferencedFiles, 'keys' | 'faults'> {
  const faults: Fault[] = [];
  const keys = entriesAt(file, ['saml', 'keys']).map(({ path }) => {
    const [key, cert] = [
      readNamed(file, [...path, 'key'], faults, MAKES_KEYS),
      readNamed(file, [...path, 'cert'], faults, MAKES_KEYS),
    ];
    if (key === undefined || cert === undefined) return undefined;
    const fault = keyPairFault(key, cert);
    if (fault === undefined) return { key, cert };
    faults.push(faultAt(file, [...path, fault.on], fault.message));
    return undefined;
  });
  return { keys, faults };
}

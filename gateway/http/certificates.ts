// The certificates of `listen.https`: read from a folder, one picked by the name a browser asks for (RFC 6066 §3), read again when
// the folder changes. A folder that has become faulty changes nothing: what was good goes on.

import type { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { attempt } from '../kernel/attempt.ts';
import type { Log } from '../kernel/log.ts';
import { certificateIn, privateKeyIn } from '../kernel/pem.ts';
import { NotAFile, readRegular } from '../kernel/regular-file.ts';
import type { EpochMs } from '../kernel/words.ts';

/** One NAME.crt with its NAME.key. */
export interface Certificate {
  readonly name: string;
  /** What it is good for, as `hostName` has it: DNS names in lower case, `*.example.com` for one label, and addresses, `[::1]` among them. */
  readonly hosts: readonly string[];
  readonly notAfter: EpochMs;
  /** SHA-256, as `openssl x509 -fingerprint` prints it. */
  readonly fingerprint: string;
  /** PEM, with the intermediate certificates that stand in the file. */
  readonly cert: string;
  readonly key: string;
}

/** What a folder holds: certificates in the order of their names, and a sentence for each file that is none. */
export interface CertificateFolder {
  readonly certificates: readonly Certificate[];
  readonly faults: readonly string[];
}

/** Reads NAME.crt and NAME.key pairs. Never throws for what is in the folder. */
export function readCertificates(folder: string): CertificateFolder {
  const names = attempt(() => readdirSync(folder).sort());
  if (names === undefined) return { certificates: [], faults: ['is no folder that this user may read'] };
  const pairs = names
    .filter((name) => name.endsWith('.crt') && !name.startsWith('.'))
    .map((name) => readPair(folder, name.slice(0, -4)));
  const lonely = names
    .filter((name) => name.endsWith('.key') && !names.includes(`${name.slice(0, -4)}.crt`))
    .map((name) => `has ${name} without ${name.slice(0, -4)}.crt beside it`);
  const faults = [...pairs.filter((pair) => typeof pair === 'string'), ...lonely];
  const none = pairs.length === 0 ? ['holds no certificate; put NAME.crt and NAME.key into it'] : [];
  return { certificates: pairs.filter((pair) => typeof pair !== 'string'), faults: [...none, ...faults] };
}

/**
 * The certificate for a host: one that has it, else one whose wildcard covers it, else the first. Whoever goes to an address asks for no name (RFC 6066 §3),
 * and is shown the first that has an address, if any has.
 */
export function certificateFor(certificates: readonly Certificate[], host: string): Certificate | undefined {
  const name = host.toLowerCase();
  const wildcard = name.replace(/^[^.]+/, '*');
  return (
    certificates.find(({ hosts }) => hosts.includes(name)) ??
    certificates.find(({ hosts }) => hosts.includes(wildcard)) ??
    (name === '' ? certificates.find(({ hosts }) => hosts.some(isAddress)) : undefined) ??
    certificates[0]
  );
}

const isAddress = (host: string): boolean => host.startsWith('[') || isIPv4(host);

/** A certificate that is renewed by a machine is renewed by then. */
const SOON_MS = 14 * 86_400_000;

/** What works today and will not, or not for everybody: certificates about to expire, hosts that no certificate covers. */
export function certificateWarnings(
  certificates: readonly Certificate[],
  hosts: readonly string[],
  now: EpochMs,
): string[] {
  const expiring = certificates
    .filter(({ notAfter }) => notAfter - now < SOON_MS)
    .map(({ name, notAfter }) => {
      const verb = notAfter <= now ? 'expired' : 'expires';
      return `certificate ${name} ${verb} on ${new Date(notAfter).toISOString().slice(0, 10)}; put a new ${name}.crt into the folder`;
    });
  const uncovered = [...new Set(hosts)]
    .filter((host) => !covers(certificateFor(certificates, host), host))
    .map((host) => `no certificate names ${host}: browsers will refuse it`);
  return [...expiring, ...uncovered];
}

/** Whether a browser accepts a certificate for a host. */
export const covers = (certificate: Certificate | undefined, host: string): boolean =>
  certificate !== undefined &&
  (certificate.hosts.includes(host) || certificate.hosts.includes(host.replace(/^[^.]+/, '*')));

/** The certificates in use. */
export interface CertificateStore {
  certificates(): readonly Certificate[];
  /** For `SNICallback`: made beforehand. */
  contextFor(host: string): SecureContext;
  /** Who asks for no name is shown this one. */
  first(): { readonly cert: string; readonly key: string };
  /** Looks at the folder again: true where something changed and is in use now. */
  reread(): boolean;
}

/** Opens a folder that `check` has found good. Throws where it holds no certificate. */
export function openCertificates(folder: string, log: Log): CertificateStore {
  let used = contextsOf(readCertificates(folder).certificates);
  let complained = '';
  return {
    certificates: () => used.certificates,
    contextFor: (host) => used.contextFor(host),
    first: () => used.first,
    reread: () => {
      const { certificates, faults } = readCertificates(folder);
      if (faults.length > 0) {
        // Once for each state of the folder: it is looked at every few seconds.
        if (faults.join() !== complained) log.error('certificates-faulty', { folder, faults });
        complained = faults.join();
        return false;
      }
      complained = '';
      const isSame = certificates.map(textOf).join() === used.certificates.map(textOf).join();
      if (isSame) return false;
      used = contextsOf(certificates);
      log.info('certificates-changed', {
        certificates: certificates.map(({ name, fingerprint, notAfter }) => ({
          ...{ name, fingerprint, notAfter: new Date(notAfter).toISOString() },
        })),
      });
      return true;
    },
  };
}

const textOf = ({ name, cert, key }: Certificate): string => `${name}\n${cert}\n${key}`;

function contextsOf(certificates: readonly Certificate[]) {
  const first = certificateFor(certificates, '');
  if (first === undefined) throw new TypeError('the folder of certificates holds none');
  const contexts = new Map(certificates.map((one) => [one, contextOf(one)]));
  const fallback = contextOf(first);
  const contextFor = (host: string): SecureContext =>
    contexts.get(certificateFor(certificates, host) ?? first) ?? fallback;
  return { certificates, first, contextFor };
}

const contextOf = ({ cert, key }: Certificate): SecureContext =>
  createSecureContext({ cert, key, minVersion: 'TLSv1.2' });

/** A certificate, or what is wrong with it. */
function readPair(folder: string, name: string): Certificate | string {
  const cert = textAt(join(folder, `${name}.crt`));
  const key = textAt(join(folder, `${name}.key`));
  if (cert instanceof NotAFile) return `has ${name}.crt, which ${cert.message}`;
  if (key instanceof NotAFile) return `has ${name}.key, which ${key.message}`;
  if (cert === undefined) return `has ${name}.crt, which this user may not read`;
  if (key === undefined) return `has ${name}.crt without a ${name}.key beside it that this user may read`;
  const parsed = certificateIn(cert);
  if (parsed === undefined) return `has ${name}.crt, which is no PEM certificate`;
  const privateKey = privateKeyIn(key);
  if (privateKey === undefined) return `has ${name}.key, which is no PEM private key without a passphrase`;
  if (!parsed.checkPrivateKey(privateKey)) return `has ${name}.crt, which does not belong to ${name}.key`;
  const unusable = attempt(() => createSecureContext({ cert, key })) === undefined;
  if (unusable)
    return `has ${name}.crt, which TLS cannot use; is the key too short, or a certificate of its chain broken?`;
  return {
    ...{ name, cert, key, hosts: hostsOf(parsed), fingerprint: parsed.fingerprint256 },
    notAfter: parsed.validToDate.getTime() as EpochMs,
  };
}

/** Undefined where it cannot be read. */
function textAt(path: string): string | NotAFile | undefined {
  try {
    return readRegular(path).toString();
  } catch (error) {
    return error instanceof NotAFile ? error : undefined;
  }
}

/** Its DNS names and addresses; a browser looks at nothing else (RFC 9110 §4.3.4 and §4.3.5, RFC 9525 §2). */
const hostsOf = ({ subjectAltName = '' }: X509Certificate): string[] =>
  subjectAltName.split(', ').flatMap((entry) => {
    const [, kind, value = ''] = /^(DNS|IP Address):(.*)$/.exec(entry) ?? [];
    if (kind === 'DNS') return [value.toLowerCase()];
    // In the one form that browsers write (RFC 5952): OpenSSL leaves no group of zeros out.
    return kind === undefined ? [] : (URL.parse(`http://${isIPv4(value) ? value : `[${value}]`}`)?.hostname ?? []);
  });

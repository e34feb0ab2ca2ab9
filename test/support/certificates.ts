// Certificates for tests that speak TLS, made by openssl: a signer of their own, and what it signed.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates. */
export interface Signer extends Pair {
  /** For servers and clients; the first name is the subject's. `usage` makes it one for that alone. */
  sign(hosts: readonly string[], days?: number, usage?: 'serverAuth' | 'clientAuth'): Pair;
}

const openssl = (...words: readonly string[]): void => {
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/** A signer of its own. */
export function newSigner(name = 'test signer'): Signer {
  const made = inFolder((folder) => {
    const [key, cert] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
    openssl(...NEW_KEY, '-x509', '-keyout', key, '-out', cert, '-days', '2', '-subj', `/CN=${name}`);
    return pairIn(key, cert);
  });
  return {
    ...made,
    sign: (hosts, days = 2, usage) =>
      inFolder((folder) => {
        const at = (file: string): string => join(folder, file);
        writeFileSync(at('ca.key'), made.key);
        writeFileSync(at('ca.crt'), made.cert);
        const alone = usage === undefined ? '' : `extendedKeyUsage=${usage}\n`;
        writeFileSync(
          at('names'),
          `subjectAltName=${hosts.map((host) => `${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`).join()}\n${alone}`,
        );
        openssl(...NEW_KEY, '-keyout', at('one.key'), '-out', at('one.csr'), '-subj', `/CN=${hosts[0] ?? ''}`);
        openssl('x509', '-req', '-in', at('one.csr'), '-out', at('one.crt'), '-days', String(days), '-extfile', at('names'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial'); // prettier-ignore
        return pairIn(at('one.key'), at('one.crt'));
      }),
  };
}

/** Puts pairs into a folder, as `tls.certificates` wants them. */
export function writePairs(folder: string, pairs: Readonly<Record<string, Pair>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, { cert, key }] of Object.entries(pairs)) {
    writeFileSync(join(folder, `${name}.crt`), cert);
    writeFileSync(join(folder, `${name}.key`), key);
  }
}

const NEW_KEY = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const pairIn = (key: string, cert: string): Pair => ({
  key: readFileSync(key, 'utf8'),
  cert: readFileSync(cert, 'utf8'),
});

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-certificates-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// A policies folder of its own for each test, with real keys.

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Fault } from '../../gateway/config/faults.ts';
import type { Judges } from '../../gateway/config/judges.ts';
import { loadConfiguration, type Configuration, type Loaded } from '../../gateway/config/load.ts';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';

const pem = (privateKey: ReturnType<typeof generateKeyPairSync>['privateKey']): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** An RSA key with a certificate of its own. */
export function keyPair(modulusLength = 2048): { key: string; cert: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    key: pem(privateKey),
    cert: selfSignedCertificate({ privateKey, commonName: 'test', notBefore: new Date(0), days: 30_000 }),
  };
}

/** An elliptic-curve key, which SAML here has no use for. */
export const curveKey = (namedCurve = 'P-256'): string => pem(generateKeyPairSync('ec', { namedCurve }).privateKey);

export const PAIR = keyPair();
const JWT_KEY = curveKey();
export const SECRET = 'a secret of thirty-two bytes or more';

export const GATEWAY = `publicUrl: https://login.example.com
saml:
  keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]
identityProviders:
  - name: corp
    metadata: ../certs/corp-idp.xml
sessions:
  secret: \${file:../certs/session.secret}
`;
export const WIKI = `app: wiki
hosts: [wiki.example.com]
upstream: http://10.0.4.12:80
access:
  - { allow: authenticated }
`;

/** Writes files (`undefined`: leaves one out) beside a sound configuration and loads it. Removed when the test is over. */
export function load(
  t: ExecutionContext,
  files: Record<string, string | undefined> = {},
  env: NodeJS.ProcessEnv = {},
  judges: Partial<Judges> = {},
): Loaded & { readonly dir: string } {
  const root = mkdtempSync(join(tmpdir(), 'curfew-config-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const all: Record<string, string | undefined> = {
    'policies/gateway.yaml': GATEWAY,
    'policies/wiki.yaml': WIKI,
    'certs/sp.key': PAIR.key,
    'certs/sp.crt': PAIR.cert,
    'certs/jwt.key': JWT_KEY,
    'certs/corp-idp.xml': '<EntityDescriptor/>',
    'certs/session.secret': `${SECRET}\n`,
    'certs/admin.token': 'a token of thirty-two characters'.replaceAll(' ', '-'),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode: 0o600 });
  }
  const dir = join(root, 'policies');
  const loaded = loadConfiguration(dir, env, {
    idpMetadata: () => undefined,
    template: () => undefined,
    certificates: () => [],
    ...judges,
  });
  return { ...loaded, dir };
}

/** The configuration, where there is one. */
export function configured(loaded: Loaded): Configuration {
  if ('faults' in loaded) throw new Error(`faults: ${JSON.stringify(loaded.faults)}`);
  return loaded.configuration;
}

/** The faults as `file:line key: message`, with the folder left off. */
export function faultsOf(loaded: Loaded & { readonly dir: string }): string[] {
  return 'faults' in loaded ? lines(loaded.faults, loaded.dir) : [];
}

/** The warnings in the same look. */
export function warningsOf(loaded: Loaded & { readonly dir: string }): string[] {
  return 'warnings' in loaded ? lines(loaded.warnings, loaded.dir) : [];
}

const lines = (faults: readonly Fault[], dir: string): string[] =>
  faults.map(({ file, line, key, message }) =>
    `${file}${line === undefined ? '' : `:${line}`} ${key}: ${message}`.replaceAll(`${dir}/`, ''),
  );

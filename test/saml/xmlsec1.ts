// xmlsec1, another hand's XML Signature: it signs for us and checks what we signed.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';

/** Whether the program is there. Where it is not, tests that need it say so and are skipped; in CI being skipped is a failure. */
export const hasXmlsec1 = spawnSync('xmlsec1', ['--version']).status === 0;

const MESSAGES = [
  'protocol:LogoutRequest',
  'protocol:LogoutResponse',
  'protocol:AuthnRequest',
  'protocol:Response',
  'assertion:Assertion',
  'metadata:EntityDescriptor',
].flatMap((name) => ['--id-attr:ID', `urn:oasis:names:tc:SAML:2.0:${name}`]);

/** `xml` with the signature template in it filled in. */
export const signByXmlsec1 = (xml: string, keys: IdentityProviderKeys): string =>
  withFiles({ 'message.xml': xml, 'key.pem': pem(keys) }, (folder) =>
    execFileSync(
      'xmlsec1',
      ['--sign', '--privkey-pem', join(folder, 'key.pem'), ...MESSAGES, join(folder, 'message.xml')],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).toString(),
  );

/** Whether the one signature in `xml` is good by this certificate. */
export const verifiesByXmlsec1 = (xml: string, certificate: string): boolean =>
  withFiles(
    { 'message.xml': xml, 'cert.pem': certificate },
    (folder) =>
      spawnSync('xmlsec1', [
        '--verify',
        '--enabled-key-data',
        'x509',
        '--pubkey-cert-pem',
        join(folder, 'cert.pem'),
        ...MESSAGES,
        join(folder, 'message.xml'),
      ]).status === 0,
  );

/** `template`, an EncryptedData without values, filled in with `xml` for the owner of the certificate. */
export const encryptByXmlsec1 = (xml: string, template: string, sessionKey: string, certificate: string): string =>
  withFiles({ 'content.xml': xml, 'template.xml': template, 'cert.pem': certificate }, (folder) =>
    execFileSync(
      'xmlsec1',
      [
        ...['--encrypt', '--pubkey-cert-pem', join(folder, 'cert.pem'), '--session-key', sessionKey],
        ...['--xml-data', join(folder, 'content.xml'), join(folder, 'template.xml')],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
      .toString()
      .replace(/<\?xml[^>]*\?>\s*/, ''),
  );

/** Runs with these files in a folder of their own. */
export function withFiles<T>(files: Readonly<Record<string, string>>, run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-xmlsec1-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pem = ({ privateKey }: IdentityProviderKeys): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

// What other hands encrypted: xmlsec1 whole assertions, OpenSSL keys by OAEP with a mask of another hash.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { needing } from '../../support/needing.ts';
import { allowing, openBench, ourKeys, replaced, trusted } from '../support.ts';
import { encryptByXmlsec1, withFiles } from '../xmlsec1.ts';
import { sealedWay } from './sealing.ts';

const bench = await openBench();
const [ours] = await ourKeys();
const weak = [trusted([bench.keys], allowing('rsa15', 'tripleDes'))];
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

const byXmlsec1 = needing('xmlsec1');
for (const [cipher, sessionKey] of [
  [`${XENC11}aes128-gcm`, 'aes-128'],
  [`${XENC11}aes192-gcm`, 'aes-192'],
  [`${XENC11}aes256-gcm`, 'aes-256'],
  [`${XENC}aes128-cbc`, 'aes-128'],
  [`${XENC}aes192-cbc`, 'aes-192'],
  [`${XENC}aes256-cbc`, 'aes-256'],
  [`${XENC}tripledes-cbc`, 'des-192'],
] as const) {
  for (const transport of [`${XENC}rsa-oaep-mgf1p`, `${XENC}rsa-1_5`]) {
    byXmlsec1(`what xmlsec1 encrypts by ${cipher} and ${transport} opens (xmlenc-core1 §5)`, async (t) => {
      const template = `<xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element"><xenc:EncryptionMethod Algorithm="${cipher}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${transport}"/><ds:KeyInfo/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`;
      const between = (xml: string) => {
        const assertion = /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
        const alone = declared(assertion);
        const data = encryptByXmlsec1(alone, template, sessionKey, ours.certificate);
        return replaced(xml, assertion, `<saml:EncryptedAssertion>${data}</saml:EncryptedAssertion>`);
      };
      t.is(await bench.verdict(bench.response({ signs: 'both', between }), {}, weak), 'accepted');
    });
  }
}

/** A document of its own needs its own declarations. */
const declared = (assertion: string): string =>
  [
    'saml=urn:oasis:names:tc:SAML:2.0:assertion',
    'xs=http://www.w3.org/2001/XMLSchema',
    'xsi=http://www.w3.org/2001/XMLSchema-instance',
  ]
    .map((text) => text.split('='))
    .filter(([prefix]) => !assertion.slice(0, assertion.indexOf('>')).includes(`xmlns:${prefix ?? ''}=`))
    .reduce(
      (xml, [prefix, uri]) => xml.replace('<saml:Assertion', `<saml:Assertion xmlns:${prefix ?? ''}="${uri ?? ''}"`),
      assertion,
    );

const byOpenssl = needing('openssl');
const HASHES = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
for (const hash of HASHES) {
  for (const mgf of HASHES) {
    byOpenssl(`a key that OpenSSL wraps by OAEP with ${hash} and a mask of ${mgf} opens (RFC 8017 §7.1)`, async (t) => {
      const contentKey = randomBytes(32);
      const wrapped = wrapByOpenssl(contentKey, hash, mgf);
      const way = sealedWay({ contentKey, transport: { name: 'oaep', hash, mgf }, keyOctets: () => wrapped });
      t.is(await bench.verdict(bench.response(way)), 'accepted');
    });
  }
}

const wrapByOpenssl = (contentKey: Buffer, hash: string, mgf: string): Buffer =>
  withFiles({ 'cert.pem': ours.certificate }, (folder) =>
    execFileSync(
      'openssl',
      [
        ...['pkeyutl', '-encrypt', '-certin', '-inkey', join(folder, 'cert.pem'), '-pkeyopt', 'rsa_padding_mode:oaep'],
        ...['-pkeyopt', `rsa_oaep_md:${hash}`, '-pkeyopt', `rsa_mgf1_md:${mgf}`],
      ],
      { input: contentKey, stdio: ['pipe', 'pipe', 'pipe'] },
    ),
  );

// `curfew check` says of identity providers what the log would say at start.

import { generateKeyPairSync } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { check } from '../../gateway/cli/check.ts';
import { runCommand } from '../../gateway/cli/command.ts';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';
import { OPEN, scenery, type StageOptions } from '../support/gateway.ts';

const AGAIN = '  - name: again\n    metadata: idp.xml\n';

async function checked(t: ExecutionContext, options: StageOptions): Promise<string[]> {
  const { folder } = await scenery(t, options);
  const said: string[] = [];
  const output = { print: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  t.is(await runCommand([check], ['check', '--json', '--policies', folder], {}, output), 0, said.join('\n'));
  const { warnings } = JSON.parse(said.join('\n')) as { warnings: { key: string; message: string }[] };
  return warnings
    .filter(({ key }) => key.startsWith('identityProviders'))
    .map(({ key, message }) => `${key} ${message}`);
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const weak = selfSignedCertificate({ privateKey, commonName: 'weak', notBefore: new Date(0), days: 30_000 });

test('check warns of keys in metadata that are passed over', async (t) => {
  const metadata = (xml: string): string => {
    const [descriptor = ''] = /<(\w+:)?KeyDescriptor[\s\S]*?<\/(\w+:)?KeyDescriptor>/.exec(xml) ?? [];
    const weaker = descriptor.replace(
      /(X509Certificate[^>]*>)[^<]+/,
      (_all, tag: string) => tag + weak.replaceAll(/-----[A-Z ]+-----|\s/g, ''),
    );
    return xml.replace(descriptor, descriptor + weaker);
  };
  const [warning, second] = await checked(t, { metadata });
  t.regex(warning ?? '', /^identityProviders\[0\]\.metadata has an RSA key of 1024 bits; .*; it is passed over/);
  t.is(second, undefined);
  t.deepEqual(await checked(t, {}), []);
});

test('check warns of two identity providers that one service provider cannot tell apart', async (t) => {
  const wiki = `${OPEN('wiki')}identityProviders: [corp, again]\n`;
  const [warning, second] = await checked(t, { idp: AGAIN, apps: { wiki } });
  t.regex(
    warning ?? '',
    /^identityProviders\[1\]\.name identity-providers-alike: again has an Issuer of corp and signs nobody in; name it once/,
  );
  t.is(second, undefined);
  const other =
    '  - name: other\n    metadata: https://other.example.com/\n    issuers: [urn:both]\n    entityId: urn:other\n';
  const [fetched] = await checked(t, {
    idp: `    issuers: [urn:both]\n${other}`,
    apps: { wiki: `${OPEN('wiki')}identityProviders: [corp, other]\n` },
  });
  t.regex(fetched ?? '', /: other has an Issuer of corp /, 'as far as it stands in the configuration');
});

test('two entries with one Issuer, each for a service provider of its own, are no fault and no warning (Entra ID)', async (t) => {
  const apps = {
    wiki: `${OPEN('wiki')}identityProvider: again\n`,
    vault: `${OPEN('vault')}identityProvider: corp\nsaml: { entityId: 'urn:vault' }\n`,
  };
  t.deepEqual(await checked(t, { idp: AGAIN, apps }), []);
});

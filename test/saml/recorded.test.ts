// Messages as the libraries behind identity providers signed and encrypted them, recorded: recorded/makers made them of recorded/templates.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Arrived } from '../../gateway/saml/arrived.ts';
import { arrivedByPost } from '../../gateway/saml/bindings/receive.ts';
import type { SamlCode } from '../../gateway/saml/codes.ts';
import type { Verified } from '../../gateway/saml/guard/message.ts';
import { explained } from './explain/explained.ts';
import { rememberedMessages } from './memory.ts';
import { ACS, allowing, BROWSER, openBench, SLO, trusted } from './support.ts';

const FOLDER = join(import.meta.dirname, 'recorded');
const read = (...path: string[]): Buffer => readFileSync(join(FOLDER, ...path));
const bench = await openBench();
const keys = ['rsa', 'p256', 'p384', 'p521'].map((name) => new X509Certificate(read('keys', `${name}.crt`)).publicKey);
const decryptionKeys = [createPrivateKey(read('keys', 'ours.key'))];

/** What the templates say; `plain` ones have no CR and no tab. */
const NAME_ID = {
  value: 'o\'brien  & "søn" <é> 😀 &amp;',
  format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  nameQualifier: 'a&b',
};
const GROUPS = ['groups', ['staff', 'admins', '']];
const REST = [
  ['nothing', []],
  ['none', []],
  ['parts', []],
  ['flag', ['true']],
];
const LINES = ['lines\ta"b\nc\r\'<', ['one\r\ntwo\tthree ]]> four\r']];
/** .NET signs what its own writer makes of it: that tabs in attributes and CR are lost has happened before. */
const DOTNET_LINES = ['lines a"b\nc\r\'<', ['one\ntwo\tthree ]]> four\n']];
const PLAIN_LINES = ['linesa"bc\'<', ['one\ntwo\tthree ]]> four']];

/** What is refused, and what of the detail tells the operator why. */
const REFUSED: Readonly<Record<string, readonly [SamlCode, object?]>> = {
  'jdk-refused-cdata': ['SAML_FORBIDDEN_MARKUP', { reason: 'CDATA section' }],
  'jdk-refused-comment': ['SAML_FORBIDDEN_MARKUP', { reason: 'comment' }],
  'jdk-refused-latin1': ['SAML_ENCODING', { reason: 'octets that are no UTF-8' }],
  'jdk-refused-utf16': ['SAML_ENCODING', { reason: 'UTF-16' }],
  'jdk-refused-object': ['SAML_SIGNATURE_SHAPE', { reason: 'Signature with other parts' }],
  'jdk-refused-pss-parameters': ['SAML_SIGNATURE_SHAPE', { reason: 'SignatureMethod with parts' }],
  'jdk-refused-pss-sha1': [
    'SAML_SIGNATURE_ALGORITHM',
    { algorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1' },
  ],
  'jdk-refused-sha224': [
    'SAML_SIGNATURE_ALGORITHM',
    { algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha224' },
  ],
  'jdk-refused-whole-document': ['SAML_SIGNATURE_SHAPE', { reason: 'a Reference to another element' }],
  'jdk-refused-xpath': ['SAML_SIGNATURE_SHAPE', { algorithm: 'http://www.w3.org/TR/1999/REC-xpath-19991116' }],
  'jdk-refused-xpath2': [
    'SAML_SIGNATURE_SHAPE',
    { reason: 'Transforms other than enveloped-signature and one canonicalization' },
  ],
  'santuario-refused-cbc-inner': ['SAML_ENCRYPTION_ALGORITHM', { reason: 'CBC without a signature around it' }],
  'santuario-refused-content': ['SAML_ISSUER'],
  'santuario-refused-stranger': ['SAML_ENCRYPTED'],
};
/** What is taken where a setting allows it, and says so where it does not. */
const WEAK: Readonly<Record<string, readonly [SamlCode, 'sha1' | 'rsa15' | 'tripleDes']>> = {
  'jdk-weak-sha1': ['SAML_SIGNATURE_ALGORITHM', 'sha1'],
  'jdk-weak-p256-sha1': ['SAML_SIGNATURE_ALGORITHM', 'sha1'],
  'santuario-weak-rsa15': ['SAML_ENCRYPTION_ALGORITHM', 'rsa15'],
  'santuario-weak-tripledes-cbc': ['SAML_ENCRYPTION_ALGORITHM', 'tripleDes'],
};

const names = readdirSync(join(FOLDER, 'messages')).map((file) => file.replace('.xml', ''));

test('every recorded message is a law here, and every law has its message', (t) => {
  t.true(names.length > 100);
  const special = [...Object.keys(REFUSED), ...Object.keys(WEAK)];
  t.deepEqual(
    special.filter((name) => !names.includes(name)),
    [],
  );
  t.deepEqual(
    names.filter((name) => /-(?:refused|weak)-/.test(name) !== special.includes(name)),
    [],
  );
});

for (const name of names) {
  const octets = read('messages', `${name}.xml`);
  const [, weakness] = WEAK[name] ?? [];
  const idps = [trusted([], { keys, ...(weakness === undefined ? {} : allowing(weakness)) })];
  const send = (message: Buffer) => () => arrived(message);

  const [code, detail] = REFUSED[name] ?? [];
  if (code !== undefined) {
    test(`${name} is refused, and the log says for what`, async (t) => {
      const result = await judged(octets, idps);
      t.is(result.kind === 'refused' ? result.error.code : 'accepted', code);
      if (detail !== undefined) t.like(result.kind === 'refused' ? result.error.detail : {}, detail);
      await explained(t, bench, send(octets), code, { expected: { decryptionKeys }, idps });
    });
    continue;
  }

  test(`${name} is accepted, and read as it was written`, async (t) => {
    const result = await judged(octets, idps);
    if (result.kind === 'refused') return t.fail(`${result.error.code} ${JSON.stringify(result.error.detail)}`);
    t.deepEqual(facts(result), expectedOf(name));
    await explained(t, bench, send(octets), 'accepted', { expected: { decryptionKeys }, idps });
  });

  test(`${name} is refused with one octet changed, wherever it is`, async (t) => {
    const changes = changed(octets.toString());
    t.true(changes.length > 0);
    for (const text of changes) {
      const result = await judged(Buffer.from(text), idps);
      const verdict = result.kind === 'refused' ? result.error.code : 'accepted';
      t.regex(verdict, /^SAML_(?:SIGNATURE_INVALID|ENCRYPTED)$/, name);
    }
  });
}

for (const [name, [code, weakness]] of Object.entries(WEAK))
  test(`${name} is refused, and told that it needs allow.${weakness}`, async (t) => {
    const result = await judged(read('messages', `${name}.xml`), [trusted([], { keys })]);
    t.is(result.kind === 'refused' ? result.error.code : 'accepted', code);
    t.like(result.kind === 'refused' ? result.error.detail : {}, { needs: `allow.${weakness}` });
  });

// The exclusive form leaves xs and xsi out: the signature around the ciphertext does not cover what they stand for, and the ciphertext has them from around it.
for (const [what, change] of [
  ['declared to be something else', (xml: string) => xml.replace(/xmlns:xsi="[^"]*"/, 'xmlns:xsi="urn:stranger"')],
  ['not declared', (xml: string) => xml.replace(/ xmlns:xsi="[^"]*"/, '')],
  [
    'declared where the wrapper is',
    (xml: string) => xml.replace('<saml:EncryptedAssertion', '$& xmlns:xsi="urn:stranger"'),
  ],
] as const)
  test(`a prefix that only the ciphertext uses and that a stranger has ${what} means what it means by custom (xml-exc-c14n §1.3)`, async (t) => {
    const name = 'santuario-encrypted-outer';
    const message = read('messages', `${name}.xml`).toString();
    const bent = change(message);
    t.not(bent, message);
    const result = await judged(Buffer.from(bent), [trusted([], { keys })]);
    if (result.kind === 'refused') return t.fail(result.error.code);
    t.deepEqual(facts(result), expectedOf(name));
  });

test('an EncryptedAttribute for somebody else is an attribute that is not there (saml-core §2.7.3.2)', async (t) => {
  const message = read('messages', 'santuario-encrypted-attribute.xml');
  const { memory, awaits } = rememberedMessages();
  awaits.signIns.set('_asked', { idp: 'corp', browser: BROWSER, app: 'wiki', returnTo: '/' });
  const result = await bench.judge(arrived(message), { memory }, [trusted([], { keys })]);
  if (result.kind !== 'Response') return t.fail();
  t.deepEqual([...result.identity.attributes.keys()], [LINES[0], 'nothing', 'none', 'parts', 'flag']);
});

function arrived(message: Buffer): Arrived {
  const text = message.toString('latin1').replaceAll('\0', '');
  if (text.includes(':Envelope')) return arrivedByPost(message, SLO);
  const [field, endpoint] = text.includes('LogoutRequest>')
    ? (['SAMLRequest', SLO] as const)
    : (['SAMLResponse', ACS] as const);
  return arrivedByPost(Buffer.from(`${field}=${encodeURIComponent(message.toString('base64'))}`), endpoint);
}

/** By a guard that remembers nothing but the question. */
function judged(message: Buffer, idps: Parameters<typeof bench.judge>[2]) {
  const { memory, awaits } = rememberedMessages();
  awaits.signIns.set('_asked', { idp: 'corp', browser: BROWSER, app: 'wiki', returnTo: '/' });
  return bench.judge(arrived(message), { memory, decryptionKeys }, idps);
}

function facts(message: Verified): object {
  if (message.kind === 'LogoutRequest')
    return { nameId: defined(message.nameId), sessionIndexes: message.sessionIndexes };
  if (message.kind !== 'Response') throw new Error(message.kind);
  const { nameId, sessionIndexes, attributes } = message.identity;
  return { nameId: defined(nameId), sessionIndexes, attributes: [...attributes] };
}
const defined = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

function expectedOf(name: string): object {
  if (/logout|soap/.test(name)) return { nameId: NAME_ID, sessionIndexes: ['_s<1>', '_s2'] };
  const lines = name.startsWith('go-') ? PLAIN_LINES : name.startsWith('dotnet-') ? DOTNET_LINES : LINES;
  return { nameId: NAME_ID, sessionIndexes: ['_s<1>'], attributes: [GROUPS, lines, ...REST] };
}

const COUNTS =
  /<(?:\w+:)?(SignatureValue|DigestValue|CipherValue|NameID|SessionIndex|AttributeValue)\b[^>]*>([^<]{4,})/g;

/** The message with one octet of each value that is signed, of each signature and of the ciphertext changed, each in a copy of its own. */
function changed(xml: string): string[] {
  const values = [...xml.matchAll(COUNTS)].map(([found, element, value = ''], at) => ({ found, element, value, at }));
  // Keys for other recipients are nothing to us.
  const longest = Math.max(...values.map(({ element, value }) => (element === 'CipherValue' ? value.length : 0)));
  return values
    .filter(({ element, value }) => element !== 'CipherValue' || value.length === longest)
    .map(({ at }) => {
      let count = -1;
      return xml.replaceAll(COUNTS, (found, _element, value: string) => {
        count += 1;
        return count === at ? found.slice(0, -value.length) + withAnother(value) : found;
      });
    });
}

/** A letter or digit in the middle is another; in the last character of base64 not every bit counts. */
function withAnother(value: string): string {
  const plain = [...value.matchAll(/&[^;]+;|\w/g)].filter(([found]) => found.length === 1);
  const at = plain[Math.floor(plain.length / 2)]?.index ?? 0;
  return `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`;
}

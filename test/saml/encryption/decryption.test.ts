// What opens, and what is read of it.

import test from 'ava';
import { NAME_ID, allowing, openBench, ourKeys, trusted, keysCalled, type ResponseWay } from '../support.ts';
import { lawsOf } from '../laws.ts';
import { CIPHERS, type Transport } from './encrypt.ts';
import { sealedNameId, sealedWay } from './sealing.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const [, next] = await ourKeys();
const outsider = await keysCalled('outsider');
const weak = { idps: [trusted([bench.keys], allowing('rsa15', 'tripleDes'))] };

const HASHES = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
const TRANSPORTS: readonly Transport[] = [
  { name: 'oaep-p' },
  { name: 'oaep' },
  ...HASHES.map((hash) => ({ name: 'oaep-p', hash }) as const),
  ...HASHES.flatMap((hash) => HASHES.map((mgf) => ({ name: 'oaep', hash, mgf }) as const)),
  { name: 'oaep', hash: 'sha256', mgf: 'sha256', label: Buffer.from('label') },
  { name: 'oaep', hash: 'sha256', mgf: 'sha1', label: Buffer.from('label') },
];
for (const transport of TRANSPORTS) {
  accepts(`a key is unwrapped by ${JSON.stringify(transport)} (xmlenc-core1 §5.5.2)`, () =>
    bench.response(sealedWay({ transport })),
  );
}

for (const cipher of CIPHERS) {
  const needs = cipher === 'tripledes' ? weak : {};
  accepts(
    `an assertion under ${cipher} is opened where the Response is signed around it (xmlenc-core1 §5.2)`,
    () => bench.response(sealedWay({ cipher }, 'both')),
    needs,
  );
  accepts(
    `the same where the Response alone is signed: ${cipher}`,
    () => bench.response(sealedWay({ cipher }, 'response')),
    needs,
  );
  if (cipher.endsWith('gcm')) {
    accepts(`an assertion that is signed inside and under ${cipher} is opened`, () =>
      bench.response(sealedWay({ cipher })),
    );
    continue;
  }
  refuses(
    'SAML_ENCRYPTION_ALGORITHM',
    `an assertion under ${cipher} without a signature around it is refused, before a key is used (xmlenc-core1 §6.1)`,
    () => bench.response(sealedWay({ cipher })),
    needs,
  );
}

accepts('the second of our keys opens too: that is key rollover', () => bench.response(sealedWay({ for: next })));
accepts('an EncryptedKey beside EncryptedData is found (saml-core §6; Shibboleth)', () =>
  bench.response(sealedWay({ where: 'beside' })),
);
refuses('SAML_ENCRYPTED', 'what is encrypted for somebody else is refused', () =>
  bench.response(sealedWay({ for: outsider })),
);
refuses('SAML_ENCRYPTION_ALGORITHM', 'RSA 1.5 is refused where nobody allowed it (xmlenc-core1 §5.5.1)', () =>
  bench.response(sealedWay({ transport: { name: 'rsa15' } }, 'both')),
);
refuses('SAML_ENCRYPTION_ALGORITHM', 'Triple DES is refused where nobody allowed it', () =>
  bench.response(sealedWay({ cipher: 'tripledes' }, 'both')),
);
accepts(
  'RSA 1.5 is taken where allow.rsa15 says so',
  () => bench.response(sealedWay({ transport: { name: 'rsa15' } })),
  weak,
);

accepts('an assertion that is not encrypted is taken where nobody asked for encryption', () => bench.response());
const wanted = { idps: [trusted([bench.keys], { wantAssertionsEncrypted: true })] };
refuses('SAML_NOT_ENCRYPTED', 'and refused where wantAssertionsEncrypted is set', () => bench.response(), wanted);
refuses(
  'SAML_NOT_ENCRYPTED',
  'also in a Response that is signed as a whole',
  () => bench.response({ signs: 'response' }),
  wanted,
);
accepts('where an encrypted one is taken', () => bench.response(sealedWay()), wanted);

// EncryptedID.
for (const cipher of ['aes128-gcm', 'aes256-cbc'] as const) {
  for (const binding of ['post', 'soap', 'redirect'] as const) {
    test(`an EncryptedID under ${cipher} in a LogoutRequest by ${binding} names the person (saml-core §3.7.1)`, async (t) => {
      const request = await bench.judge(
        bench.logoutRequest({ binding, before: (xml) => sealedNameId(xml, { cipher }) }),
      );
      t.is(request.kind, 'LogoutRequest');
      t.like(request.kind === 'LogoutRequest' ? request.nameId : {}, NAME_ID);
    });
  }
  for (const [what, way] of [
    ['a signed assertion', {}],
    ['a signed Response', { signs: 'response' }],
    ['an assertion that is itself encrypted', sealedWay()],
  ] as const satisfies readonly (readonly [string, ResponseWay])[]) {
    test(`an EncryptedID under ${cipher} in ${what} names the person (saml-core §2.4.1)`, async (t) => {
      const response = await bench.judge(bench.response({ ...way, before: (xml) => sealedNameId(xml, { cipher }) }));
      t.is(response.kind, 'Response');
      t.like(response.kind === 'Response' ? response.identity.nameId : {}, NAME_ID);
    });
  }
}

test('a LogoutRequest that comes twice with an EncryptedID is the same one, and another name under its ID is not', async (t) => {
  const twice = bench.logoutRequest({ before: (xml) => sealedNameId(xml), fields: { id: '_same' } });
  const digest = async (arrived: typeof twice) => {
    const request = await bench.judge(arrived);
    return request.kind === 'LogoutRequest' ? request.digest : t.fail();
  };
  t.is(await digest(twice), await digest(twice));
  const other = bench.logoutRequest({
    before: (xml) => sealedNameId(xml, {}, (name) => name.replace('alice@', 'bob@')),
    fields: { id: '_same' },
  });
  t.not(await digest(twice), await digest(other));
});

test('all that an encrypted assertion says is read, as if it had come in the open', async (t) => {
  const [open, closed] = await Promise.all([
    bench.judge(bench.response()),
    bench.judge(bench.response(sealedWay({}, 'both'))),
  ]);
  if (open.kind !== 'Response' || closed.kind !== 'Response') return t.fail();
  t.deepEqual(closed.identity, open.identity);
  t.is(closed.identity.attributes.get('groups')?.length, 2);
});

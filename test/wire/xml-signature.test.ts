// §7.25-30: signatures inside the XML, as libraries write them, and the ways to bend them.

import test from 'ava';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { DIGEST, SIGNATURE, TRANSFORM } from '../../demo/identity-provider/names.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { enveloped, openWire } from './wire.ts';
import { SHAPES } from './shapes.ts';

const SIGNATURE_ELEMENT = /<(\w+:)?Signature .*<\/\1?Signature>/s;
const WITH_COMMENTS = `${TRANSFORM.exclusive}WithComments`;

test('§7.25 a SignatureValue in lines, with CR as reference or as it stands, is the value (WSO2, Keycloak on Java 11)', async (t) => {
  const wire = await openWire(t);
  t.regex(wire.signed(), /SignatureValue>&#13;\n/);
  await wire.ends('&#13;', () => wire.form(wire.signed()));
  await wire.ends('&#xD;', () => wire.form(wire.signed().replaceAll('&#13;', '&#xD;')));
  await wire.ends('CRLF', () => wire.form(wire.signed().replaceAll('&#13;', '\r')));
  const lined = (xml: string): string =>
    xml.replace(
      /X509Certificate>([^<]+)/,
      (_all, base64: string) => `X509Certificate>\n${base64.replace(/.{76}/g, '$&&#13;\n')}\n`,
    );
  await wire.ends('a certificate in lines', () => wire.form(lined(wire.signed())));
  await wire.leaves('a reference inside that is no white space', 'SAML_BASE64', () =>
    wire.form(wire.signed().replace('&#13;', '&#45;')),
  );
});

test('§7.26 KeyInfo may be absent or name what it likes: only the metadata says whose key it is (saml-core §5.4.5)', async (t) => {
  const wire = await openWire(t, SHAPES.keycloak);
  const stranger = await newKeys('stranger', new Date('2026-01-01T00:00:00Z'));
  for (const keyInfo of ['none', 'certificate', '<dsig:KeyName>kid</dsig:KeyName>'])
    await wire.ends(keyInfo, () => wire.form(wire.signed({}, undefined, { keyInfo })));
  const facts = wire.facts.bind(wire);
  await wire.leaves('a stranger with its certificate', 'SAML_SIGNATURE_INVALID', () => {
    const mine = facts();
    return wire.form(signEnveloped(SHAPES.keycloak.write(mine), mine.id, stranger, { prefix: 'dsig' }));
  });
});

test('§7.27 any prefix and known canonicalization is verified; RSA-SHA1 only where it is allowed (WSO2’s older default)', async (t) => {
  const wire = await openWire(t);
  for (const prefix of ['ds', 'dsig', ''])
    await wire.ends(prefix, () => wire.form(wire.signed({}, undefined, { prefix, javaLines: false })));
  await wire.ends('exclusive with comments', () =>
    wire.form(wire.signed({}, undefined, { transforms: [TRANSFORM.enveloped, WITH_COMMENTS] })),
  );
  const sha1 = { signatureAlgorithm: SIGNATURE.rsaSha1, digestAlgorithm: DIGEST.sha1 };
  await wire.leaves('SHA-1', 'SAML_SIGNATURE_ALGORITHM', () => wire.form(wire.signed({}, undefined, sha1)));
  await wire.leaves('a SHA-1 digest', 'SAML_SIGNATURE_ALGORITHM', () =>
    wire.form(wire.signed({}, undefined, { digestAlgorithm: DIGEST.sha1 })),
  );
  const lax = await openWire(t, SHAPES.wso2, { idp: '    allow: { sha1: true }' });
  await lax.ends('SHA-1, allowed', () => lax.form(lax.signed({}, undefined, sha1)));
});

test('§7.28 a declaration, white space between elements, a newline at the end and a byte order mark are no difference', async (t) => {
  const wire = await openWire(t, SHAPES.onelogin);
  t.regex(wire.xml(), />\n {2}</);
  await wire.ends('pretty', () => wire.form(wire.signed()));
  await wire.ends('declaration', () => wire.form(`<?xml version="1.0" encoding="UTF-8"?>\n${wire.signed()}\n`));
  await wire.ends('byte order mark', () => wire.form(`\ufeff${wire.signed()}`));
  await wire.leaves('content behind the root', 'SAML_NOT_XML', () => wire.form(`${wire.signed()}x`));
});

test('§7.29 what was signed elsewhere, split, doubled or declared ends nothing (XSW, saml-core §5.4.2)', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const other = { name: { value: 'mallory' }, sessionIndexes: ['_other'] };
  const taken = (genuine: string): string => SIGNATURE_ELEMENT.exec(genuine)?.[0] ?? '';
  const into = (forged: string, content: string): string =>
    forged.replace('</saml2:Issuer>', `</saml2:Issuer>${content}`);
  const bends: readonly (readonly [string, RegExp, () => string])[] = [
    [
      'a genuine one nested',
      /NESTED|SHAPE/,
      () => wire.xml().replace('</saml2p:LogoutRequest>', `${wire.signed(other)}</saml2p:LogoutRequest>`),
    ],
    [
      'a genuine one in Extensions',
      /NESTED/,
      () => into(wire.xml(), `<saml2p:Extensions>${wire.signed(other)}</saml2p:Extensions>`),
    ],
    ['a reference to another element', /SHAPE/, () => into(wire.xml(), taken(wire.signed(other)))],
    [
      'the same ID twice',
      /ID|SHAPE|INVALID/,
      () => {
        const genuine = wire.signed(other);
        const [, id = ''] = / ID="([^"]+)"/.exec(genuine) ?? [];
        return into(wire.xml({ id }), `${taken(genuine)}<saml2p:Extensions><a ID="${id}"/></saml2p:Extensions>`);
      },
    ],
    ['a comment in the name', /FORBIDDEN/, () => wire.signed().replace('AAdz', 'AAdz<!---->')],
    ['CDATA in the name', /FORBIDDEN/, () => wire.signed().replace('AAdz', '<![CDATA[AAdz]]>')],
    ['a doctype', /FORBIDDEN/, () => `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${wire.signed()}`],
    ['an entity', /FORBIDDEN/, () => wire.signed().replace('AAdz', '&a;')],
  ];
  for (const [what, code, xml] of bends) {
    await wire.signedIn();
    for (const answer of [await wire.form(xml()), await wire.soap(enveloped(xml()))])
      t.regex(answer.reason ?? '', code, what);
    t.true(await wire.isIn(), what);
  }
});

test('§7.30 the message in the Body is signed, not the envelope; a Body that is signed instead is not enough', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const body = (xml: string): string => enveloped(xml, 'S');
  await wire.ends('the message', () =>
    wire.soap(body(wire.signed({ destination: `${wire.scene.url}/saml/slo/soap` }))),
  );
  await wire.leaves('the Body', 'SAML_SIGNATURE_SHAPE', () => {
    const text = body(wire.xml()).replace('<S:Body>', '<S:Body ID="_body">');
    const signed = signEnveloped(text, '_body', wire.scene.idp.keys);
    const signature = SIGNATURE_ELEMENT.exec(signed)?.[0] ?? '';
    return wire.soap(signed.replace(signature, '').replace('<S:Body', `<S:Header>${signature}</S:Header><S:Body`));
  });
});

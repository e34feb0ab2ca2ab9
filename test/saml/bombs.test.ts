// Small messages that cost others much. What is refused is refused in under 50 ms of processor time, measured after one warm-up: nobody
// needs a key to send these.

import { deflateRawSync } from 'node:zlib';
import test from 'ava';
import type { Arrived } from '../../gateway/saml/arrived.ts';
import { arrivedByPost, arrivedByRedirect } from '../../gateway/saml/bindings/receive.ts';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import { ACS, allowing, keysCalled, openBench, ourKeys, replaced, SLO, trusted } from './support.ts';
import { encryptedKey } from './encryption/encrypt.ts';
import { sealedAssertion } from './encryption/sealing.ts';

const MOST_MS = 50;

const bench = await openBench();
/** The dearest configuration: two certificates, and unsigned answers allowed, so that a Redirect message is inflated and parsed. */
const idps = [trusted([bench.keys, await keysCalled('second')], allowing('unsignedLogoutResponse'))];

const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const around = (name: string, content: string): string =>
  `<samlp:${name} ${NAMESPACES} ID="_bomb" Version="2.0"><saml:Issuer>https://idp.example.test/idp</saml:Issuer>${content}</samlp:${name}>`;
const request = (content: string): string => around('LogoutRequest', content);
const response = (content: string): string => around('Response', content);
const list = (count: number, write: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => write(at)).join('');

type Way = (xml: string) => () => Arrived;
const posted =
  (field: string, endpoint: string): Way =>
  (xml) => {
    // Base64 as it is: percent-encoding would only leave room for less.
    const body = Buffer.from(`${field}=${Buffer.from(xml).toString('base64')}`);
    return () => arrivedByPost(body, endpoint);
  };
const asRequest = posted('SAMLRequest', SLO);
const asResponse = posted('SAMLResponse', ACS);
const bySoap: Way = (xml) => {
  const body = Buffer.from(
    `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${xml}</S:Body></S:Envelope>`,
  );
  return () => arrivedByPost(body, SLO);
};
const redirected = (field: string, xml: string | Buffer): (() => Arrived) => {
  const query = `${field}=${encodeURIComponent(deflateRawSync(xml, { level: 9 }).toString('base64'))}`;
  return () => arrivedByRedirect(query, SLO);
};

const signedRequest = bench.logoutRequestXml();
const signedResponse = bench.responseXml({ signs: 'response' });
const REFERENCE = /<ds:Reference.*<\/ds:Reference>/s;
const spoiled = (xml: string): string => xml.replace(/<ds:SignatureValue>.{8}/, '<ds:SignatureValue>AAAAAAAA');
const filled = (xml: string, content: string): string =>
  replaced(xml, /<\/samlp:(LogoutRequest|Response)>$/, content + (/<\/samlp:\w+>$/.exec(xml)?.[0] ?? ''));
/** Namespaces on every level, each used, and attributes that make canonicalization look for them. */
function namespaceMaze(levels: number, each: number, leaves: number): string {
  const declared = list(
    levels,
    (level) => `<a${list(each, (at) => ` xmlns:p${level}-${at}="u${level}-${at}" p${level}-${at}:x=""`)}>`,
  );
  const leaf = `<b${list(each * 2, (at) => ` p${levels - 1 - (at % levels)}-${at % each}:y${at}=""`)}/>`;
  return declared + leaf.repeat(leaves) + '</a>'.repeat(levels);
}
/** Prefixes of one length, that only their last letters tell apart. */
function longPrefixes(levels: number, each: number, leaves: number): string {
  const prefix = (at: number): string => `p${String(at).padStart(11, '0')}`;
  const declared = list(
    levels,
    (level) => `<a${list(each, (at) => ` xmlns:${prefix(level * each + at)}="u${level}-${at}"`)}>`,
  );
  const leaf = `<b${list(each, (at) => ` ${prefix(at)}:y${at}=""`)}/>`;
  return declared + leaf.repeat(leaves) + '</a>'.repeat(levels);
}
/** A form has six characters for a quotation mark. */
const manyNamespaces = (length: number, tags: number, more: number): string =>
  `<z:a xmlns:z="u"${list(18, (at) => ` xmlns:p${at}='${'"'.repeat(length)}${at}'`)}>${`<p0:b${list(18, (at) => ` p${at}:x=""`)}/>`.repeat(tags)}${'<p0:b/>'.repeat(more)}</z:a>`;
/** Exclusive canonicalization writes the namespace wherever it is used. */
const namespaceOf = (length: number): string => `<a xmlns:p="${'u'.repeat(length)}">${'<p:b/>'.repeat(1900)}</a>`;
const [ours] = await ourKeys();
const signedAssertion = bench.responseXml();
const filledAssertion = (content: string): string =>
  replaced(spoiled(signedAssertion), /<\/saml:Assertion>/, `${content}</saml:Assertion>`);
const prefixes = list(5000, (at) => `q${at} `);

const BOMBS: Readonly<Record<string, () => Arrived>> = {
  // H4: what costs samlify 44.7 s and 217 s.
  'a query of 760 bytes with a signature of 300 References': redirected(
    'SAMLRequest',
    replaced(
      signedRequest,
      REFERENCE,
      list(300, () => '<ds:Reference/>'),
    ),
  ),
  'a query of 934 bytes that inflates to 200 000 elements': redirected('SAMLRequest', request('<a/>'.repeat(200_000))),
  'the same as an answer that may be unsigned': redirected(
    'SAMLResponse',
    around('LogoutResponse', '<a/>'.repeat(200_000)),
  ),
  'an answer that may be unsigned, at the limit of its size': redirected(
    'SAMLResponse',
    around('LogoutResponse', '<a/>'.repeat(15_000)),
  ),
  'a query that inflates to 10 MB': redirected('SAMLResponse', Buffer.alloc(10_000_000, 'a')),
  '42 KB with 100 References': asRequest(signedRequest.replace(REFERENCE, (one) => one.repeat(100))),
  'a Response with 300 References': asResponse(signedResponse.replace(REFERENCE, (one) => one.repeat(300))),
  'a form that inflates to nothing: 130 KB that would be 100 MB': posted(
    'SAMLRequest',
    SLO,
  )(deflateRawSync(Buffer.alloc(100_000_000)).toString('latin1')),
  '60 levels': asRequest(request('<a>'.repeat(60) + '</a>'.repeat(60))),
  '10 000 levels': asRequest(request('<a>'.repeat(9000) + '</a>'.repeat(9000))),
  '10 000 levels of a Response': asResponse(response('<a>'.repeat(10_000) + '</a>'.repeat(10_000))),
  '10 000 levels by SOAP': bySoap(request('<a>'.repeat(9000) + '</a>'.repeat(9000))),
  '10 000 levels after end tags that close nothing': asResponse(
    `${'</a>'.repeat(5000)}${response('<a>'.repeat(5000))}`,
  ),
  'a tag with 10 000 attributes': asResponse(response(`<a${list(10_000, (at) => ` a${at}=""`)}/>`)),
  '2000 tags with all the attributes there may be': asResponse(
    response(list(300, () => `<a${list(19, (at) => ` a${at}=""`)}/>`)),
  ),
  '10 000 namespaces on one tag': asResponse(response(`<a${list(10_500, (at) => ` xmlns:n${at}="u"`)}/>`)),
  '9000 namespaces on many tags': asResponse(
    response(list(900, (at) => `<a${list(10, (one) => ` xmlns:n${at}-${one}=""`)}/>`)),
  ),
  'as many namespaces in scope as there may be': asResponse(response(namespaceMaze(20, 9, 200))),
  'namespaces by long prefixes that are alike': asResponse(filled(spoiled(signedResponse), longPrefixes(20, 19, 260))),
  '190 KB of entities': asResponse(response('&amp;'.repeat(37_000))),
  '190 KB of entities in an attribute': asResponse(response(`<a b="${'&amp;'.repeat(37_000)}"/>`)),
  '190 KB of character references': asResponse(response('&#13;'.repeat(37_000))),
  '190 KB of `<a/>`': asResponse(response('<a/>'.repeat(47_000))),
  '256 KB of `<a/>` by SOAP': bySoap(request('<a/>'.repeat(63_000))),
  '190 KB of `<`': asResponse('<'.repeat(190_000)),
  '190 KB of `<a `': asResponse('<a '.repeat(63_000)),
  '190 KB of `="`': asResponse(`<a ${'="'.repeat(94_000)}>`),
  '190 KB of white space in an end tag': asResponse(response(`<a></a${' '.repeat(190_000)}x>`)),
  '190 KB of white space after `=`': asResponse(response(`<a b=${' '.repeat(190_000)}""/>`)),
  '190 KB of white space in front': asResponse(`${' '.repeat(189_000)}${response('')}`),
  '190 KB of white space in the SignatureValue': asResponse(
    replaced(signedResponse, /<ds:SignatureValue>/, `<ds:SignatureValue>${' '.repeat(180_000)}!`),
  ),
  'an ID of 180 KB': asResponse(replaced(signedResponse, / ID="/, ` ID="${'a'.repeat(180_000)}`)),
  '256 KB of parameters': () => arrivedByPost(Buffer.from('%53=&'.repeat(52_000)), SLO),
  'a garbage signature on a LogoutRequest of 300 tags': asRequest(filled(spoiled(signedRequest), '<a/>'.repeat(270))),
  'a garbage signature on a LogoutRequest of 300 tags by SOAP': bySoap(
    filled(spoiled(signedRequest), '<a/>'.repeat(270)),
  ),
  'a garbage signature on a Response of 2000 tags': asResponse(filled(spoiled(signedResponse), '<a/>'.repeat(1960))),
  'a garbage signature over a list of thousands of prefixes': asResponse(
    spoiled(signedResponse).replace(
      /<ds:CanonicalizationMethod ([^>]*?)\/?>(<\/ds:CanonicalizationMethod>)?/,
      (_, algorithm: string) =>
        `<ds:CanonicalizationMethod ${algorithm}><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${prefixes}"/></ds:CanonicalizationMethod>`,
    ),
  ),
  'a garbage signature with 1900 elements inside SignedInfo': asResponse(
    spoiled(signedResponse).replace('<ds:DigestValue>', `<ds:DigestValue>${'<a/>'.repeat(1900)}`),
  ),
  // Anybody can encrypt for us.
  'an encrypted assertion of 1900 tags with a garbage signature': asResponse(
    sealedAssertion(filledAssertion('<a/>'.repeat(1900))),
  ),
  'an encrypted assertion of 1900 tags in a Response of 1900': asResponse(
    sealedAssertion(filled(filledAssertion('<a/>'.repeat(1900)), '<a/>'.repeat(1900))),
  ),
  'an encrypted assertion with as many namespaces in scope as there may be': asResponse(
    sealedAssertion(filledAssertion(namespaceMaze(20, 9, 200))),
  ),
  'an encrypted assertion of 130 KB that is 33 000 elements': asResponse(
    sealedAssertion(filledAssertion('<a/>'.repeat(33_000))),
  ),
  'four encrypted keys that open nothing, before 130 KB': asResponse(
    sealedAssertion(filledAssertion('a'.repeat(130_000)), {
      otherKeys: encryptedKey(Buffer.alloc(32), { for: ours }).repeat(3),
      keyOctets: (octets) => Buffer.alloc(octets.length, 1),
    }),
  ),
  '250 encrypted keys': asResponse(
    sealedAssertion(signedAssertion, { otherKeys: encryptedKey(Buffer.alloc(32), { for: ours }).repeat(250) }),
  ),
  // Whoever has a signed Response of his own can put its signature over other content: SignedInfo verifies, and the digest is computed.
  'a good SignedInfo over a Response of 2000 tags': asResponse(filled(signedResponse, '<a/>'.repeat(1960))),
  'a good SignedInfo over as many namespaces in scope as there may be': asResponse(
    filled(signedResponse, namespaceMaze(20, 9, 250)),
  ),
  'a good SignedInfo over namespaces by long prefixes that are alike': asResponse(
    filled(signedResponse, longPrefixes(20, 19, 260)),
  ),
  'a good SignedInfo over 150 KB whose canonical form would be 230 MB': asResponse(
    filled(signedResponse, namespaceOf(120_000)),
  ),
  'a good SignedInfo over the longest namespaces there may be, 7000 times': asResponse(
    filled(signedResponse, manyNamespaces(240, 300, 1500)),
  ),
  'a good SignedInfo over as many characters of namespaces as there may be': asResponse(
    filled(signedResponse, manyNamespaces(240, 50, 0)),
  ),
  'an encrypted assertion whose canonical form would be 110 MB': asResponse(
    sealedAssertion(replaced(signedAssertion, /<\/saml:Assertion>/, `${namespaceOf(60_000)}</saml:Assertion>`)),
  ),
  'a good SignedInfo over 190 KB of `>`': asResponse(filled(signedResponse, '>'.repeat(190_000))),
};

async function verdictOf(send: () => Arrived): Promise<string> {
  try {
    return await bench.verdict(send(), {}, idps);
  } catch (error) {
    if (error instanceof CurfewError) return error.code;
    throw error;
  }
}

/** Milliseconds of processor time for one message, from the body to the verdict. */
async function cost(send: () => Arrived): Promise<number> {
  const before = process.cpuUsage();
  await verdictOf(send);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

for (const [name, send] of Object.entries(BOMBS)) {
  test.serial(`${name}: refused in under ${MOST_MS} ms`, async (t) => {
    const verdict = await verdictOf(send);
    // The least of three: what the machine does beside this is not what the message costs.
    const ms = Math.min(await cost(send), await cost(send), await cost(send));
    t.log(`${ms.toFixed(1)} ms, ${verdict}`);
    t.not(verdict, 'accepted');
    t.true(ms < MOST_MS, `${ms.toFixed(1)} ms`);
  });
}

test.serial('a query that inflates to 10 MB never takes 10 MB', async (t) => {
  const send = redirected('SAMLResponse', Buffer.alloc(10_000_000, 'a'));
  const before = process.memoryUsage().arrayBuffers;
  t.is(await verdictOf(send), 'SAML_DEFLATE');
  t.true(process.memoryUsage().arrayBuffers - before < 5_000_000);
});

// Responses of products that nobody here has run, each as it writes them, and each once unsigned and once changed on the way.

import test, { type ExecutionContext } from 'ava';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { needing, type Law } from '../support/needing.ts';
import { signByXmlsec1 } from '../saml/xmlsec1.ts';
import type { Browser, Page } from '../support/browser.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { RESPONSES, type ResponseFacts, type ResponseShape } from './responses.ts';

const ALICE = 'alice@example.test';
const FORM = 'application/x-www-form-urlencoded';

interface Posted {
  readonly page: Page;
  readonly browser: Browser;
}

/** Changes on the way from the product to the gateway: its text, what was signed, and the form. */
interface Way {
  readonly facts?: (facts: ResponseFacts) => ResponseFacts;
  readonly edit?: (xml: string) => string;
  readonly signs?: boolean;
  readonly after?: (xml: string) => string;
  readonly octets?: (xml: string) => Buffer;
  readonly form?: (base64: string) => string;
  readonly type?: string;
}

/** Begins a sign-in in a browser of its own and posts what the product answers. */
async function answered(scene: Stage, shape: ResponseShape, way: Way = {}): Promise<Posted> {
  const browser = scene.browser();
  await browser.visit(scene.at('wiki', '/page'));
  const asked = scene.idp.received.at(-1)?.message;
  const facts: ResponseFacts = {
    ...{ now: scene.clock.now(), issuer: scene.idp.entityId, nameId: ALICE },
    ...{ audience: `${scene.url}/saml/metadata`, acs: `${scene.url}/saml/acs`, inResponseTo: asked?.id ?? '' },
  };
  const plain = (way.edit ?? same)(shape.write((way.facts ?? same)(facts)));
  const signed = way.signs === false ? plain : signedAs(plain, shape, scene);
  const sent = (way.after ?? same)(signed);
  const base64 = (way.octets?.(sent) ?? Buffer.from(sent)).toString('base64');
  const page = await browser.request(facts.acs, {
    method: 'POST',
    body: way.form?.(base64) ?? `SAMLResponse=${encodeURIComponent(base64)}&RelayState=`,
    headers: { 'content-type': way.type ?? FORM },
  });
  return { page, browser };
}

const same = <T>(value: T): T => value;

function signedAs(xml: string, { signs, signing, prefixList }: ResponseShape, { idp }: Stage): string {
  const declaration = /^<\?xml[^>]*\?>\s*/.exec(xml)?.[0] ?? '';
  const signed = signs.reduce((text, name) => {
    const id = new RegExp(`<(?:\\w+:)?${name}\\s(?:[^>]*?\\s)?ID="([^"]+)"`).exec(text)?.[1] ?? '';
    return prefixList === undefined
      ? signEnveloped(text, id, idp.keys, signing)
      : signByXmlsec1(withTemplate(text, id, prefixList), idp.keys);
  }, xml);
  return signed.startsWith('<?xml') ? signed : declaration + signed;
}

/** A signature for xmlsec1 to fill in, right behind the Issuer. */
function withTemplate(xml: string, id: string, prefixList: string): string {
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const signature = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${exclusive}"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="${exclusive}"><ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${prefixList}"/></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
  const [before = '', ...behind] = xml.split(`ID="${id}"`);
  return `${before}ID="${id}"${behind.join('').replace(/<\/(?:\w+:)?Issuer>/, `$&${signature}`)}`;
}

/** Who the application is told it is; undefined where nobody came in. */
async function whoIsIn(scene: Stage, { page, browser }: Posted): Promise<string | undefined> {
  if (page.status !== 303) return undefined;
  await browser.visit(page.headers.location ?? '');
  const { rawHeaders = [] } = scene.upstream.requests.at(-1) ?? {};
  return rawHeaders[rawHeaders.indexOf('Remote-User') + 1];
}

const takes = async (t: ExecutionContext, scene: Stage, what: string, shape: ResponseShape, way?: Way) => {
  const posted = await answered(scene, shape, way);
  t.is(posted.page.headers['x-curfew'], 'OK', what);
  t.is(await whoIsIn(scene, posted), ALICE, what);
  return posted;
};
const refuses = async (
  t: ExecutionContext,
  scene: Stage,
  what: string,
  code: string,
  shape: ResponseShape,
  way: Way,
) => {
  const { page } = await answered(scene, shape, way);
  t.is(page.headers['x-curfew'], code, what);
  t.is(await scene.running.parts.doors.sessions.count(), 0, what);
};

for (const [product, shape] of Object.entries<ResponseShape>(RESPONSES)) {
  const law: Law = shape.prefixList === undefined ? test : needing('xmlsec1');
  law(`${product}: its Response signs its person in, unsigned or changed it signs nobody in (P4)`, async (t) => {
    const scene = await stage(t);
    await refuses(t, scene, 'unsigned', 'SAML_UNSIGNED', shape, { signs: false });
    const other = (xml: string) => xml.replaceAll(ALICE, 'bob@example.test');
    await refuses(t, scene, 'changed', 'SAML_SIGNATURE_INVALID', shape, { after: other });
    await takes(t, scene, 'as it comes', shape);
  });
}

const PING = RESPONSES['PingFederate, PingOne'];
const BANK = RESPONSES['a bank’s own, in the default namespace'];
const replacing = (what: string | RegExp, by: string) => ({
  edit: (xml: string) => {
    const next = xml.replace(what, by);
    if (next === xml) throw new Error(`not in the message: ${String(what)}`);
    return next;
  },
});
const A = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

test('what the standard allows and some product writes is taken (saml-core §2, §3)', async (t) => {
  const scene = await stage(t);
  const taken = (what: string, way: Way) => takes(t, scene, what, PING, way);
  await taken('a line break around the NameID', replacing(ALICE, `\r\n   ${ALICE}\n`));
  await taken('an Issuer on a line of its own', replacing(/(Issuer[^>]*>)([^<]+)/, '$1\n    $2\n'));
  for (const digits of ['', '.1', '.123456', '.123456789'])
    await taken(`a time with ${digits}`, { edit: (xml) => xml.replaceAll(/\.\d+Z"/g, `${digits}Z"`) });
  await taken('an Extensions', replacing('<samlp:Status>', '<samlp:Extensions><x:y xmlns:x="urn:x"/></samlp:Extensions><samlp:Status>')); // prettier-ignore
  await taken('a StatusDetail', replacing('</samlp:Status>', '<samlp:StatusDetail><x:y xmlns:x="urn:x">ok</x:y></samlp:StatusDetail></samlp:Status>')); // prettier-ignore
  await taken('an Advice', replacing('<saml:AuthnStatement', '<saml:Advice><saml:AssertionIDRef>_x</saml:AssertionIDRef></saml:Advice><saml:AuthnStatement')); // prettier-ignore
  await taken('holder-of-key beside bearer', replacing('<saml:SubjectConfirmation ', '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"/><saml:SubjectConfirmation ')); // prettier-ignore
  await taken('a bearer for elsewhere beside ours', replacing('<saml:SubjectConfirmation ', '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="https://other.test/acs" NotOnOrAfter="2099-01-01T00:00:00Z"/></saml:SubjectConfirmation><saml:SubjectConfirmation ')); // prettier-ignore
  await taken('several AuthnStatements', replacing(/(<saml:AuthnStatement.*<\/saml:AuthnStatement>)/, '$1$1'));
  await taken('several Audiences', replacing('<saml:Audience>', '<saml:Audience>urn:other</saml:Audience><saml:Audience>')); // prettier-ignore
  await taken('several AudienceRestrictions that all name us', replacing(/(<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>)/, '$1$1')); // prettier-ignore
  await taken('a value that is nil, one that is empty, one with markup', replacing('</saml:AttributeStatement>', `<saml:Attribute Name="x"><saml:AttributeValue xsi:nil="true"/><saml:AttributeValue/><saml:AttributeValue><saml:NameID>_1</saml:NameID></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`)); // prettier-ignore
  await taken('Recipient in capitals', { facts: (facts) => ({ ...facts, acs: facts.acs.replace('http://login', 'HTTP://LOGIN') }) }); // prettier-ignore
  await taken('a byte order mark', { octets: (xml) => Buffer.from(`\ufeff${xml}`) });
  await taken('a declaration of another encoding than the octets have (.NET)', { after: (xml) => `<?xml version="1.0" encoding="utf-16"?>${xml}` }); // prettier-ignore
});

test('however a form carries it, it is the same message (bindings §3.5.4)', async (t) => {
  const scene = await stage(t);
  const taken = (what: string, way: Way) => takes(t, scene, what, PING, way);
  const lines = (base64: string): string => base64.replaceAll(/.{76}/g, '$&\r\n');
  await taken('base64 in lines', { form: (base64) => `SAMLResponse=${encodeURIComponent(lines(base64))}` });
  await taken('with a charset', { type: `${FORM}; charset=ISO-8859-1` });
  await taken('RelayState first, of 200 bytes', { form: (base64) => `RelayState=${'r'.repeat(200)}&SAMLResponse=${encodeURIComponent(base64)}` }); // prettier-ignore
  await taken('no RelayState, a button of the form beside it', { form: (base64) => `SAMLResponse=${encodeURIComponent(base64)}&continue=Continue` }); // prettier-ignore
  // Browsers post multipart where a page says so: no product’s does, and a second reader of forms is a second way in.
  const before = await scene.running.parts.doors.sessions.count();
  const { page } = await answered(scene, PING, {
    type: 'multipart/form-data; boundary=x',
    form: (base64) => `--x\r\nContent-Disposition: form-data; name="SAMLResponse"\r\n\r\n${base64}\r\n--x--\r\n`,
  });
  t.is(page.headers['x-curfew'], 'SAML_PARAMETER');
  t.is(await scene.running.parts.doors.sessions.count(), before);
});

test('what is dangerous or no SAML signs nobody in, although it is signed', async (t) => {
  const scene = await stage(t);
  const refused = (what: string, code: string, way: Way, shape: ResponseShape = PING) =>
    refuses(t, scene, what, code, shape, way);
  await refused('a comment in the NameID', 'SAML_FORBIDDEN_MARKUP', replacing(ALICE, `${ALICE}<!-- -->.evil.test`));
  await refused('a CDATA section', 'SAML_FORBIDDEN_MARKUP', replacing(ALICE, `<![CDATA[${ALICE}]]>`));
  await refused('a DOCTYPE', 'SAML_FORBIDDEN_MARKUP', { after: (xml) => `<!DOCTYPE x [<!ENTITY a "b">]>${xml}` });
  await refused('ISO-8859-1', 'SAML_ENCODING', { ...replacing('>staff<', '>Prüfer<'), octets: (xml) => Buffer.from(xml, 'latin1') }); // prettier-ignore
  await refused('UTF-16', 'SAML_ENCODING', { octets: (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le') });
  for (const time of ['2099-01-01T00:00:00', '2099-01-01T00:00:00+00:00', '2099-01-01', '4070908800'])
    await refused(time, 'SAML_CONDITIONS', replacing(/(Conditions [^>]*NotOnOrAfter=")[^"]+/, `$1${time}`));
  await refused('a time zone', 'SAML_AUTHN_STATEMENT', replacing(/(AuthnInstant="[^"]*)Z"/, '$1+00:00"'));
  await refused('an ID that begins with a digit (OpenStack Keystone)', 'SAML_ID', replacing(/ID="B\./, 'ID="8B.'));
  await refused('no Conditions', 'SAML_CONDITIONS', replacing(/<saml:Conditions.*<\/saml:Conditions>/, ''));
  await refused('a condition nobody knows', 'SAML_CONDITIONS', replacing('</saml:Conditions>', '<saml:Condition/></saml:Conditions>')); // prettier-ignore
  await refused('an AudienceRestriction beside ours that does not name us', 'SAML_AUDIENCE', replacing('</saml:Conditions>', '<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience></saml:AudienceRestriction></saml:Conditions>')); // prettier-ignore
  await refused('holder-of-key alone', 'SAML_SUBJECT_CONFIRMATION', replacing('cm:bearer', 'cm:holder-of-key'));
  await refused('another port as Recipient', 'SAML_SUBJECT_CONFIRMATION', replacing(/(Recipient="http:\/\/[^:]+:)\d+/, '$11')); // prettier-ignore
  await refused('a second assertion', 'SAML_NESTED', { after: (xml) => xml.replace('</samlp:Response>', `<saml:Assertion ${A} ID="_e"/></samlp:Response>`) }); // prettier-ignore
  await refused('an assertion in Advice', 'SAML_NESTED', replacing('<saml:AuthnStatement', '<saml:Advice><saml:Assertion ID="_e"/></saml:Advice><saml:AuthnStatement')); // prettier-ignore
  await refused('two NameIDs', 'SAML_SUBJECT', replacing(/(<saml:NameID .*<\/saml:NameID>)/, '$1$1'));
  await refused('SAML 1.1’s namespace', 'SAML_WRONG_KIND', { signs: false, ...replacing('SAML:2.0:protocol', 'SAML:1.0:protocol') }, BANK); // prettier-ignore
});

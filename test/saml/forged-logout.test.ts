// Logout messages that nobody signed, made to look signed by a signature over something else (P4): each piece of evidence an attacker can
// have, in each place a message has room for, as a request and as an answer.

import test from 'ava';
import { byPost, openBench, replaced, SLO } from './support.ts';
import { carelesslyVerified, evidences, type Evidence } from './wrapped.ts';

const bench = await openBench();
const VICTIM = { value: 'victim@example.test' };
const ISSUER = '</saml:Issuer>';

const PLACES: Readonly<Record<string, (forged: string, evidence: Evidence) => string>> = {
  'in a ds:Object of its signature': (forged, { signature, bare }) =>
    replaced(
      forged,
      ISSUER,
      ISSUER + replaced(signature, '</ds:Signature>', `<ds:Object>${bare}</ds:Object></ds:Signature>`),
    ),
  'in the samlp:Extensions': (forged, { signature, bare }) =>
    replaced(forged, ISSUER, `${ISSUER}${signature}<samlp:Extensions>${bare}</samlp:Extensions>`),
  'inside its Signature': (forged, { signature, bare }) =>
    replaced(forged, ISSUER, ISSUER + replaced(signature, '</ds:Signature>', `${bare}</ds:Signature>`)),
  'as a sibling of its Signature': (forged, { signature, bare }) =>
    replaced(forged, ISSUER, `${ISSUER}${signature}${bare}`),
  'as a child of the message': (forged, { whole }) =>
    replaced(forged, /<\/samlp:Logout\w+>$/, `${whole}${/<\/samlp:Logout\w+>$/.exec(forged)?.[0] ?? ''}`),
};

const FORGED: Readonly<Record<string, () => readonly [field: 'SAMLRequest' | 'SAMLResponse', xml: string]>> = {
  LogoutRequest: () => [
    'SAMLRequest',
    bench.logoutRequestXml({ signs: false, fields: { id: '_forged', nameId: VICTIM } }),
  ],
  LogoutResponse: () => ['SAMLResponse', bench.logoutResponseXml({ signs: false, fields: { id: '_forged' } })],
};

for (const [kind, forge] of Object.entries(FORGED)) {
  for (const [what, piece] of Object.entries(evidences(bench))) {
    for (const [where, put] of Object.entries(PLACES)) {
      test(`a forged ${kind} with ${what} ${where} is refused (P4, saml-core §5.4.2)`, async (t) => {
        const [field, forged] = forge();
        const xml = put(forged, piece);
        t.true(carelesslyVerified(xml, bench.keys.certificate), 'the attack is one');
        const verdict = await bench.verdict(byPost(field, xml, SLO));
        t.true(['SAML_NESTED', 'SAML_SIGNATURE_SHAPE'].includes(verdict), verdict);
      });
    }

    test(`a forged ${kind} under the ID and the signature of ${what} is refused (P4, xmldsig-core §3.2.1)`, async (t) => {
      const [field, forged] = forge();
      const id = / ID="([^"]+)"/.exec(piece.bare)?.[1] ?? '';
      const xml = replaced(replaced(forged, '"_forged"', `"${id}"`), ISSUER, ISSUER + piece.signature);
      t.is(await bench.verdict(byPost(field, xml, SLO)), 'SAML_SIGNATURE_INVALID');
    });
  }
}

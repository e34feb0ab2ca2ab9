// A key of ours on the curve P-256: it signs, is published for that alone, and opens nothing.

import { verify, X509Certificate } from 'node:crypto';
import test from 'ava';
import { keyPairFault } from '../../../gateway/saml/key-pair.ts';
import { authnRequest } from '../../../gateway/saml/ours/messages.ts';
import { ourMetadata, type OurSide } from '../../../gateway/saml/ours/metadata.ts';
import { openSigning } from '../../../gateway/saml/ours/sign.ts';
import { newSigner } from '../../support/certificates.ts';
import { needing } from '../../support/needing.ts';
import { ourKeys } from '../our-side.ts';
import { ACS, ENTITY_ID, IDP, NOW, SLO } from '../support.ts';
import { verifiesByXmlsec1 } from '../xmlsec1.ts';

const { key, cert } = newSigner('curfew');
const signing = openSigning({ privateKey: key, certificate: cert });
const message = authnRequest({
  ...{ id: '_curve', issuer: ENTITY_ID, destination: IDP, acs: ACS, now: NOW, force: false, passive: false },
  ...{ nameIdFormat: undefined, allowCreate: true, contexts: [], comparison: 'exact', responseBinding: 'post' },
});

needing('xmlsec1')('what it signs in the XML verifies by xmlsec1 as ecdsa-sha256 (xmldsig-core §6.4.3)', (t) => {
  const xml = signing.enveloped('_curve', message);
  t.regex(xml, /SignatureMethod Algorithm="http:\/\/www\.w3\.org\/2001\/04\/xmldsig-more#ecdsa-sha256"/);
  t.true(verifiesByXmlsec1(xml, cert));
  t.false(verifiesByXmlsec1(xml.replace('AllowCreate="true"', 'AllowCreate="false"'), cert));
});

test('what it signs in a query verifies over the octets that were sent (bindings §3.4.4.1)', (t) => {
  const query = signing.query('SAMLRequest', message, undefined);
  const [octets = '', value = ''] = query.split('&Signature=');
  t.regex(octets, /&SigAlg=http%3A%2F%2Fwww\.w3\.org%2F2001%2F04%2Fxmldsig-more%23ecdsa-sha256$/);
  const publicKey = { key: new X509Certificate(cert).publicKey, dsaEncoding: 'ieee-p1363' } as const;
  const signature = Buffer.from(decodeURIComponent(value), 'base64');
  t.true(verify('sha256', Buffer.from(octets), publicKey, signature));
});

test('it is published to verify by and never to encrypt for, an RSA key beside it for both', (t) => {
  const side = { entityId: ENTITY_ID, acs: ACS, slo: SLO, sloSoap: `${SLO}/soap`, offersEncryption: true };
  const uses = (...keys: OurSide['keys']) =>
    [...ourMetadata({ ...side, keys }).matchAll(/KeyDescriptor use="(\w+)"/g)].map(([, use]) => use);
  const curve = { privateKey: key, certificate: cert };
  t.deepEqual(uses(curve), ['signing']);
  t.deepEqual(uses(curve, ...ourKeys.slice(0, 1)), ['signing', 'signing', 'encryption']);
});

test('it is a key that may be configured', (t) => {
  t.is(keyPairFault(key, cert), undefined);
});

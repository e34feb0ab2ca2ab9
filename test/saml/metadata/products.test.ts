// Metadata in the shapes that products publish: other roles and keys beside those of the identity provider, extensions, rollover. After their documentation and what they publish.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { readIdpMetadata, type IdpMetadata } from '../../../gateway/saml/idp-metadata.ts';

const KEYS = join(import.meta.dirname, '../recorded/keys');
type Key = 'rsa' | 'p256' | 'p384' | 'p521' | 'ours';
const pem = (key: Key): string => readFileSync(join(KEYS, `${key}.crt`), 'utf8');
const base64 = (key: Key): string => pem(key).replace(/-----[^-]+-----|\s/g, '');
const lines = (key: Key): string => pem(key).replace(/-----[^-]+-----/g, '');

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:';
const MD = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"';
const DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
const endpoint = (element: string, binding: string, path: string, more = ''): string =>
  `<${element} Binding="${BINDINGS}${binding}" Location="https://idp.test/${path}"${more}/>`;

/** KeyDescriptor as .NET writes it. */
const dotNetKey = (use: string, key: Key): string =>
  `<KeyDescriptor use="${use}"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${base64(key)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
const fedRole = (type: string, key: Key): string =>
  `<RoleDescriptor xsi:type="fed:${type}" protocolSupportEnumeration="http://docs.oasis-open.org/ws-sx/ws-trust/200512 http://schemas.xmlsoap.org/ws/2005/02/trust http://docs.oasis-open.org/wsfed/federation/200706" ServiceDisplayName="corp" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">${dotNetKey('signing', key)}<fed:ClaimTypesOffered><auth:ClaimType Uri="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn" Optional="true" xmlns:auth="http://docs.oasis-open.org/wsfed/authorization/200706"><auth:DisplayName>UPN</auth:DisplayName></auth:ClaimType></fed:ClaimTypesOffered><fed:PassiveRequestorEndpoint><EndpointReference xmlns="http://www.w3.org/2005/08/addressing"><Address>https://idp.test/adfs/ls/</Address></EndpointReference></fed:PassiveRequestorEndpoint></RoleDescriptor>`;

/** By product: what it publishes, whose keys may sign, and where things are. */
const PRODUCTS: Readonly<Record<string, { xml: string; keys: readonly Key[]; found: Partial<IdpMetadata> }>> = {
  'Shibboleth: three protocols, keys with and without use, scopes, an AttributeAuthority with keys of its own': {
    xml: `<?xml version="1.0" encoding="UTF-8"?>
<!-- This is example metadata only. Do *NOT* supply it as is without review. -->
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ${DS} xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" xmlns:xml="http://www.w3.org/XML/1998/namespace" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" validUntil="2036-05-04T12:00:00.123Z" entityID="https://idp.test/idp/shibboleth">
    <IDPSSODescriptor protocolSupportEnumeration="${PROTOCOL} urn:oasis:names:tc:SAML:1.1:protocol urn:mace:shibboleth:1.0">
        <Extensions>
            <shibmd:Scope regexp="false">idp.test</shibmd:Scope>
            <mdui:UIInfo><mdui:DisplayName xml:lang="en">A Name &amp; more</mdui:DisplayName></mdui:UIInfo>
        </Extensions>
        <!-- First signing certificate is BackChannel, the Second is FrontChannel -->
        <KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${lines('p256')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
        <KeyDescriptor><ds:KeyInfo><ds:KeyName>idp.test</ds:KeyName><ds:X509Data><ds:X509SubjectName>CN=idp.test</ds:X509SubjectName><ds:X509Certificate>${lines('rsa')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
        <KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${lines('ours')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo><EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/></KeyDescriptor>
        <ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding" Location="https://idp.test:8443/SAML1" index="1"/>
        ${endpoint('ArtifactResolutionService', 'SOAP', 'SAML2/SOAP', ' index="2"')}
        ${endpoint('SingleLogoutService', 'HTTP-Redirect', 'SLO')}
        ${endpoint('SingleLogoutService', 'HTTP-POST', 'SLO', ' ResponseLocation="https://idp.test/SLO/answer"')}
        ${endpoint('SingleLogoutService', 'HTTP-POST-SimpleSign', 'SLO')}
        ${endpoint('SingleLogoutService', 'SOAP', 'SOAP/SLO')}
        <SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" Location="https://idp.test/Shibboleth/SSO"/>
        <SingleSignOnService xmlns:req-attr="urn:oasis:names:tc:SAML:protocol:ext:req-attr" req-attr:supportsRequestedAttributes="true" Binding="${BINDINGS}HTTP-POST" Location="https://idp.test/POST/SSO"/>
        ${endpoint('SingleSignOnService', 'HTTP-Redirect', 'Redirect/SSO')}
    </IDPSSODescriptor>
    <AttributeAuthorityDescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol ${PROTOCOL}"><KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${lines('p384')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>${endpoint('AttributeService', 'SOAP', 'Query')}</AttributeAuthorityDescriptor>
</EntityDescriptor>`,
    keys: ['p256', 'rsa'],
    found: {
      entityId: 'https://idp.test/idp/shibboleth',
      signOn: { redirect: 'https://idp.test/Redirect/SSO', post: 'https://idp.test/POST/SSO' },
      logout: {
        redirect: { location: 'https://idp.test/SLO', responseLocation: 'https://idp.test/SLO' },
        post: { location: 'https://idp.test/SLO', responseLocation: 'https://idp.test/SLO/answer' },
        soap: { location: 'https://idp.test/SOAP/SLO', responseLocation: 'https://idp.test/SOAP/SLO' },
      },
      artifactResolution: new Map([[2, 'https://idp.test/SAML2/SOAP']]),
    },
  },
  'AD FS, Entra ID: a signature, WS-Federation’s roles and a service provider before the identity provider, two keys in turn':
    {
      xml: `\ufeff<EntityDescriptor ID="_5b1c" entityID="http://idp.test/adfs/services/trust" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><ds:Signature ${DS}><ds:SignedInfo/><ds:SignatureValue>AAAA</ds:SignatureValue><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${base64('p521')}</X509Certificate></X509Data></KeyInfo></ds:Signature>${fedRole('ApplicationServiceType', 'p521')}${fedRole('SecurityTokenServiceType', 'p384')}<SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="${PROTOCOL}">${dotNetKey('encryption', 'ours')}${dotNetKey('signing', 'p384')}${endpoint('SingleLogoutService', 'HTTP-Redirect', 'wrong')}<AssertionConsumerService Binding="${BINDINGS}HTTP-POST" Location="https://idp.test/adfs/ls/" index="0" isDefault="true"/></SPSSODescriptor><IDPSSODescriptor protocolSupportEnumeration="${PROTOCOL}">${dotNetKey('encryption', 'ours')}${dotNetKey('signing', 'rsa')}${dotNetKey('signing', 'p256')}${endpoint('SingleLogoutService', 'HTTP-Redirect', 'adfs/ls/')}${endpoint('SingleLogoutService', 'HTTP-POST', 'adfs/ls/')}<NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</NameIDFormat>${endpoint('SingleSignOnService', 'HTTP-Redirect', 'adfs/ls/')}${endpoint('SingleSignOnService', 'HTTP-POST', 'adfs/ls/')}<Attribute Name="http://schemas.xmlsoap.org/claims/Group" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="Group" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/></IDPSSODescriptor><ContactPerson contactType="support"/></EntityDescriptor>`,
      keys: ['rsa', 'p256'],
      found: {
        entityId: 'http://idp.test/adfs/services/trust',
        signOn: { redirect: 'https://idp.test/adfs/ls/', post: 'https://idp.test/adfs/ls/' },
        logout: {
          redirect: { location: 'https://idp.test/adfs/ls/', responseLocation: 'https://idp.test/adfs/ls/' },
          post: { location: 'https://idp.test/adfs/ls/', responseLocation: 'https://idp.test/adfs/ls/' },
        },
      },
    },
  'Keycloak: an aggregate of one, keys by their names, an active and a passive one': {
    xml: `<md:EntitiesDescriptor Name="urn:keycloak" ${MD} xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ${DS}><md:EntityDescriptor entityID="https://idp.test/realms/corp"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="${PROTOCOL}">${(['rsa', 'p256'] as const).map((key) => `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyName>kid-${key}</ds:KeyName><ds:X509Data><ds:X509Certificate>${base64(key)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`).join('')}${endpoint('md:ArtifactResolutionService', 'SOAP', 'resolve', ' index="0"')}${['HTTP-POST', 'HTTP-Redirect', 'HTTP-Artifact', 'SOAP'].map((binding) => endpoint('md:SingleLogoutService', binding, 'saml')).join('')}${['HTTP-POST', 'HTTP-Redirect', 'SOAP', 'HTTP-Artifact'].map((binding) => endpoint('md:SingleSignOnService', binding, 'saml')).join('')}</md:IDPSSODescriptor></md:EntityDescriptor></md:EntitiesDescriptor>`,
    keys: ['rsa', 'p256'],
    found: {
      entityId: 'https://idp.test/realms/corp',
      signOn: { redirect: 'https://idp.test/saml', post: 'https://idp.test/saml' },
      artifactResolution: new Map([[0, 'https://idp.test/resolve']]),
    },
  },
  'Okta, JumpCloud, Duo, OneLogin, Google, CyberArk: one key and little else': {
    xml: `<?xml version="1.0" encoding="UTF-8" standalone="no"?><md:EntityDescriptor ${MD} cacheDuration="PT604800S" entityID="http://www.okta.com/exk1"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${PROTOCOL}"><md:KeyDescriptor use="signing"><ds:KeyInfo ${DS}><ds:X509Data><ds:X509Certificate>${lines('rsa').replaceAll('\n', '\r\n')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>${endpoint('md:SingleSignOnService', 'HTTP-POST', 'app/sso/saml?idpid=C0&amp;x=%20')}</md:IDPSSODescriptor></md:EntityDescriptor>`,
    keys: ['rsa'],
    found: {
      entityId: 'http://www.okta.com/exk1',
      signOn: { post: 'https://idp.test/app/sso/saml?idpid=C0&x=%20' },
      logout: {},
      cacheMs: 604_800_000,
    },
  },
};

for (const [name, { xml, keys, found }] of Object.entries(PRODUCTS))
  test(`the metadata of ${name}: keys and addresses of the identity provider are read, and of no other role (saml-metadata §2.4.3)`, (t) => {
    const metadata = readIdpMetadata(xml);
    t.like(metadata, found);
    t.deepEqual(metadata.unusable, []);
    const expected = keys.map((key) => new X509Certificate(pem(key)).publicKey);
    t.is(metadata.keys.length, expected.length);
    for (const [at, key] of expected.entries()) t.true(metadata.keys[at]?.equals(key));
  });

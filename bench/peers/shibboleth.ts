// Apache with Shibboleth's SP: mod_shib asks a daemon, shibd, which knows the sessions.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandAt, openFolder, startProgram } from '../program.ts';
import { ENTITY_ID } from '../identity-provider.ts';
import { hasModule, type ApacheKind } from './apache.ts';

const BASIC = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';

/** Sessions stay in the memory of shibd and, for as long as it likes, of Apache. */
export const SHIBBOLETH: ApacheKind = {
  name: 'Shibboleth SP',
  folder: 'shibboleth',
  isInstalled: () => hasModule('shib') && commandAt('shibd') !== undefined,
  prepare: async (own, url) => {
    openFolder(own, 'shibd');
    const entityId = `${url}/shibboleth`;
    const socket = join(own, 'shibd/socket');
    writeFileSync(join(own, 'shibboleth2.xml'), configuration(own, url, entityId, socket));
    writeFileSync(
      join(own, 'attributes.xml'),
      `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map">${['uid', 'groups']
        .map((name) => `<Attribute name="${name}" nameFormat="${BASIC}" id="${name}"/>`)
        .join('')}</Attributes>\n`,
    );
    const logger = 'log4j.rootCategory=WARN, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n';
    for (const file of ['shibd.logger', 'native.logger']) writeFileSync(join(own, file), logger);
    const environment = { SHIBSP_CONFIG: join(own, 'shibboleth2.xml') };
    const given = ['-f', '-F', '-c', join(own, 'shibboleth2.xml'), '-p', join(own, 'shibd/pid')];
    const shibd = await startProgram(own, socket, [commandAt('shibd') ?? 'shibd', ...given], environment);
    return {
      roots: [shibd],
      before: '/Shibboleth.sso',
      saml: {
        entityId,
        acs: `${url}/Shibboleth.sso/SAML2/POST`,
        slo: `${url}/Shibboleth.sso/SLO/SOAP`,
        cookieName: /^_shibsession_/,
        relayState: `${url}/1k`,
      },
      text: `LoadModule mod_shib /usr/lib/apache2/modules/mod_shib.so
ShibConfig ${own}/shibboleth2.xml
<Location />
  AuthType shibboleth
  ShibRequestSetting requireSession true
  ShibUseHeaders On
  Require shib-session
  RequestHeader set X-Remote-User "%{uid}e"
  RequestHeader set X-Groups "%{groups}e"
</Location>
`,
    };
  },
};

/**
 * Over a Unix socket, as Debian's package has it: mod_shib asks shibd with each request, and over TCP each question and each answer waits 40 ms for an
 * acknowledgement (RFC 896 and RFC 1122 §4.2.3.2 together), for which shibd is not to blame.
 */
const configuration = (own: string, url: string, entityId: string, socket: string): string =>
  `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" clockSkew="180" logger="${own}/native.logger">
  <OutOfProcess logger="${own}/shibd.logger"/>
  <UnixListener address="${socket}"/>
  <RequestMapper type="Native"><RequestMap applicationId="default"/></RequestMapper>
  <ApplicationDefaults entityID="${entityId}" REMOTE_USER="uid" homeURL="${url}/">
    <Sessions lifetime="28800" timeout="28800" relayState="cookie" checkAddress="false" consistentAddress="false"
        handlerURL="/Shibboleth.sso" handlerSSL="false" cookieProps="http" redirectLimit="none">
      <SSO entityID="${ENTITY_ID}">SAML2</SSO>
      <Logout>SAML2 Local</Logout>
    </Sessions>
    <MetadataProvider type="XML" path="${own}/idp.xml"/>
    <AttributeExtractor type="XML" path="${own}/attributes.xml"/>
    <CredentialResolver type="File" key="${own}/sp.key" certificate="${own}/sp.crt"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" path="/etc/shibboleth/security-policy.xml"/>
  <ProtocolProvider type="XML" path="/etc/shibboleth/protocols.xml"/>
</SPConfig>
`;

// Apache with mod_auth_mellon: the peer that does the same job.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINDING, NS } from '../../demo/identity-provider/names.ts';
import { openFolder } from '../program.ts';
import { hasModule, type ApacheKind } from './apache.ts';

/** With room for `sessions`: it looks through them one after the other, so no more room than is needed. */
export const mellon = (sessions: number): ApacheKind => ({
  name: 'mod_auth_mellon',
  folder: `mellon-${sessions}-${randomBytes(4).toString('hex')}`,
  isInstalled: () => hasModule('auth_mellon'),
  prepare: async (own, url, certificate) => {
    openFolder(own, 'mellon');
    const entityId = `${url}/mellon/metadata`;
    const acs = `${url}/mellon/postResponse`;
    const slo = `${url}/mellon/logout`;
    writeFileSync(join(own, 'sp.xml'), spMetadata(entityId, acs, slo, certificate));
    return {
      before: '/mellon/',
      saml: {
        ...{ entityId, acs, slo },
        cookieName: /^mellon-cookie=(?!cookietest)/,
        browserCookie: () => 'mellon-cookie=cookietest',
        relayState: `${url}/1k`,
      },
      text: `LoadModule auth_mellon_module /usr/lib/apache2/modules/mod_auth_mellon.so
MellonCacheSize ${Math.max(100, sessions)}
MellonLockFile ${own}/run/lock
MellonPostDirectory ${own}/mellon
<Location />
  AuthType Mellon
  MellonEnable auth
  Require valid-user
  MellonEndpointPath /mellon
  MellonSecureCookie Off
  MellonCookieSameSite lax
  MellonVariable cookie
  MellonUser uid
  MellonMergeEnvVars On ";"
  MellonSessionLength 28800
  MellonSubjectConfirmationDataAddressCheck Off
  MellonSPMetadataFile ${own}/sp.xml
  MellonSPPrivateKeyFile ${own}/sp.key
  MellonSPCertFile ${own}/sp.crt
  MellonSignatureMethod rsa-sha256
  MellonIdPMetadataFile ${own}/idp.xml
  RequestHeader set X-Remote-User "%{MELLON_uid}e"
  RequestHeader set X-Groups "%{MELLON_groups}e"
</Location>
<Location /mellon>
  MellonEnable info
  Require all granted
</Location>
`,
    };
  },
});

/** mod_auth_mellon answers 400 to a LogoutRequest by POST, so that is not offered. */
const spMetadata = (entityId: string, acs: string, slo: string, certificate: string): string => {
  const key = certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  return `<md:EntityDescriptor xmlns:md="${NS.metadata}" xmlns:ds="${NS.signature}" entityID="${entityId}">
<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="${NS.protocol}">
<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${key}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleLogoutService Binding="${BINDING.soap}" Location="${slo}"/>
<md:SingleLogoutService Binding="${BINDING.redirect}" Location="${slo}"/>
<md:AssertionConsumerService index="0" isDefault="true" Binding="${BINDING.post}" Location="${acs}"/>
</md:SPSSODescriptor></md:EntityDescriptor>
`;
};

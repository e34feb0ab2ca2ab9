// What curfew is told for the demonstration: real files, to be looked at and loaded like anybody's.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the files say. Addresses are origins, as `http://127.0.0.1:8080`. */
export interface PolicyFacts {
  readonly publicUrl: string;
  /** Port of `listen.http`. */
  readonly port: number;
  readonly idpMetadata: string;
  readonly wiki: string;
  readonly chat: string;
}

/** Writes `policies/` and the identity provider's metadata below `folder`; resolves with the path of `policies/`. */
export async function writePolicies(folder: string, facts: PolicyFacts): Promise<string> {
  const policies = join(folder, 'policies');
  const certs = join(folder, 'certs');
  await Promise.all([policies, certs].map((path) => mkdir(path, { recursive: true })));
  await Promise.all([
    writeFile(join(certs, 'demo-idp.xml'), facts.idpMetadata),
    writeFile(join(policies, 'gateway.yaml'), gatewayYaml(facts)),
    writeFile(
      join(policies, 'wiki.yaml'),
      `${appYaml('wiki', facts.wiki)}signOut:\n  call: { path: /logout } # how the wiki is told that somebody has left\n`,
    ),
    writeFile(join(policies, 'chat.yaml'), appYaml('chat', facts.chat)),
  ]);
  return policies;
}

const gatewayYaml = ({ publicUrl, port }: PolicyFacts): string => `# The gateway. docs/configuration.md has every key.
publicUrl: ${publicUrl}
listen:
  http: 127.0.0.1:${port}
  admin: 127.0.0.1:0
saml:
  keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]
identityProviders:
  - name: demo-idp
    metadata: ../certs/demo-idp.xml
sessions:
  store: file:../data/curfew.db
  secret: \${file:../certs/session.secret}
`;

const appYaml = (app: string, upstream: string): string => `# One application. It knows nothing of SAML.
app: ${app}
hosts: [${app}.localhost]
upstream: ${upstream}
access:
  - { allow: authenticated }
identity:
  headers:
    Remote-User: \${nameId}
    X-Display-Name: \${attributes.displayName}
    X-Forwarded-Groups: \${attributes.groups}
`;

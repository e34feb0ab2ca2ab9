// curfew as operators run it: `keys`, then `serve`, in a process of its own with a folder of policies.

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/gateway.ts';
import { startProgram } from './program.ts';

const MAIN = join(import.meta.dirname, '../../gateway/main.ts');

export interface Curfew {
  readonly origin: string;
  /** PEM, the certificate of the key it signs with. */
  readonly certificate: string;
  /** The folder of its policies. */
  readonly policies: string;
  /** `http://NAME.localhost:PORT/path` */
  at(app: string, path?: string): string;
  output(): string;
  close(): Promise<unknown>;
}

export interface Setting {
  readonly folder: string;
  /** The document, or the address where it is. */
  readonly idpMetadata: string;
  /** Further lines of the identity provider's entry, indented by four spaces. */
  readonly idp?: string | undefined;
  /** Where browsers and the identity provider's server find it; default `login.localhost`, a name that only browsers know. */
  readonly host?: string | undefined;
  /** Upstream addresses by app; each app is at `NAME.localhost`. */
  readonly apps: Readonly<Record<string, string>>;
  /** Further lines of an app's policy. */
  readonly policies?: Readonly<Record<string, string>> | undefined;
  /** Further files, by their name in the policies folder. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** Writes the policies and starts it. Names end in `.localhost`, which real browsers find on this machine too. */
export async function startCurfew({
  folder,
  idpMetadata,
  idp = '',
  host = 'login.localhost',
  apps,
  ...more
}: Setting): Promise<Curfew> {
  const policies = join(folder, 'policies');
  const certs = join(folder, 'certs');
  const port = await freePort();
  const origin = `http://${host}:${port}`;
  await mkdir(policies, { recursive: true });
  await promisify(execFile)(process.execPath, [MAIN, 'keys', '--policies', policies]);
  await writeFile(join(certs, 'idp.xml'), idpMetadata);
  await writeFile(join(policies, 'gateway.yaml'), gatewayYaml(origin, port, idpMetadata, idp));
  for (const [app, upstream] of Object.entries(apps)) {
    await writeFile(join(policies, `${app}.yaml`), appYaml(app, upstream) + (more.policies?.[app] ?? ''));
  }
  for (const [name, text] of Object.entries(more.files ?? {})) await writeFile(join(policies, name), text);
  const serve = await startProgram({
    command: process.execPath,
    words: ['--disable-warning=ExperimentalWarning', MAIN, 'serve', '--policies', policies],
    ready: /"event":"listening"/,
  });
  return {
    origin,
    policies,
    certificate: await readFile(join(certs, 'sp.crt'), 'utf8'),
    at: (app, path = '/') => `http://${app}.localhost:${port}${path}`,
    output: () => serve.output(),
    close: () => serve.close(),
  };
}

const gatewayYaml = (origin: string, port: number, idpMetadata: string, idp: string): string => `publicUrl: ${origin}
listen: { http: 127.0.0.1:${port}, admin: 127.0.0.1:0 }
saml:
  keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]
identityProviders:
  - name: corp
    metadata: ${idpMetadata.startsWith('http') ? idpMetadata : '../certs/idp.xml'}
${idp}
sessions:
  store: file:../sessions.db
  secret: \${file:../certs/session.secret}
`;

const appYaml = (app: string, upstream: string): string => `app: ${app}
hosts: [${app}.localhost]
upstream: ${upstream}
access:
  # Browsers fetch a web app's manifest without cookies.
  - { paths: [/lib/exe/manifest.php], allow: anyone }
  - { paths: [/admin/**], allow: { attributes: { groups: [admins] } } }
  - { allow: authenticated }
identity:
  headers:
    Remote-User: \${nameId}
    X-Uid: \${attributes.uid}
    X-Display-Name: \${attributes.displayName}
    X-Groups: \${attributes.groups}
`;

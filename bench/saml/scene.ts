// A folder of policies for one gateway with one app, and the identity provider it trusts.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { formatFaults } from '../../gateway/config/faults.ts';
import { loadConfiguration, type Configuration } from '../../gateway/config/load.ts';
import { identityProvider } from './messages.ts';

/** Writes it. `port`: where the gateway listens, on loopback. */
export async function scene(folder: string, port: number) {
  const policies = join(folder, 'policies');
  await mkdir(policies);
  const [ours, theirs] = await Promise.all([newKeys('curfew', new Date()), newKeys('idp', new Date())]);
  const publicUrl = `http://login.test:${port}`;
  const idp = identityProvider(theirs, publicUrl);
  const files = {
    'sp.key': ours.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'sp.crt': ours.certificate,
    'idp.xml': idp.metadata,
    'gateway.yaml': `publicUrl: ${publicUrl}
listen: { http: "127.0.0.1:${port}", admin: "127.0.0.1:0" }
limits: { signIns: { perAddress: off, all: off } }
log: { level: warn }
saml: { keys: [{ key: sp.key, cert: sp.crt }] }
identityProviders: [{ name: corp, metadata: idp.xml }]
sessions: { store: "file:../sessions.db", secret: 0123456789abcdef0123456789abcdef }
`,
    'wiki.yaml': `app: wiki
hosts: [wiki.test]
upstream: http://127.0.0.1:9
access: [{ allow: authenticated }]
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(policies, name), text, { mode: 0o600 });
  return { policies, publicUrl, port, idp, configuration: configurationOf(policies, join(folder, 'here.db')) };
}

/** For the measures in this process: with a store of its own, because a file belongs to one process. */
function configurationOf(policies: string, path: string): Configuration {
  const judges = { idpMetadata: () => undefined, template: () => undefined, certificates: () => [] };
  const loaded = loadConfiguration(policies, {}, judges);
  if ('faults' in loaded) throw new Error(formatFaults(loaded.faults));
  const { sessions } = loaded.configuration;
  return { ...loaded.configuration, sessions: { ...sessions, store: { kind: 'file', path } } };
}

/** All that the parts of the bench share. */
export type Scene = Awaited<ReturnType<typeof scene>>;

// curfew itself, started as operators start it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKeys, type IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { randomText } from '../../gateway/kernel/random.ts';
import { freePort, openFolder, startProgram } from '../program.ts';
import type { Peer } from '../target.ts';

/** How one curfew differs from the next. */
export interface CurfewOptions {
  readonly name: string;
  /** Default: the embedded store. */
  readonly store?: string;
  /** Lines of the app's policy in place of those that are measured by default. */
  readonly policy?: string;
  readonly https?: boolean;
  /** Further lines of gateway.yaml. */
  readonly gateway?: string;
  /** Another copy of the sources to run, to compare with. */
  readonly sources?: string;
  /** Options of Node, such as a profiler's. */
  readonly node?: readonly string[];
  /** Further arguments of `serve`. */
  readonly given?: readonly string[];
}

/** What applications are told by default: a name, and a list. */
export const TOLD = `identity:
  headers: { X-Remote-User: "\${attributes.uid}", X-Groups: "\${attributes.groups}" }
`;

const OURS = join(import.meta.dirname, '../..');

/** Starts it in front of `upstreams`: one app for all paths, or several by paths from `/a0` on. */
export async function startCurfew(
  folder: string,
  upstreams: readonly string[],
  idpMetadata: string,
  options: CurfewOptions,
): Promise<Peer> {
  const own = openFolder(folder, options.name.replaceAll(/\W+/g, '-'));
  const policies = join(own, 'policies');
  mkdirSync(policies, { recursive: true });
  const [port, admin] = [await freePort(), await freePort()];
  const url = `${options.https === true ? 'https' : 'http'}://127.0.0.1:${port}`;
  const keys = await newKeys('curfew', new Date(systemClock.now()));
  writeFileSync(join(policies, 'sp.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(policies, 'sp.crt'), keys.certificate);
  writeFileSync(join(policies, 'idp.xml'), idpMetadata);
  writeFileSync(
    join(policies, 'gateway.yaml'),
    `publicUrl: ${url}
${options.https === true ? secured(policies, port, await freePort(), admin, keys) : `listen: { http: 127.0.0.1:${port}, admin: 127.0.0.1:${admin} }`}
saml:
  keys: [{ key: sp.key, cert: sp.crt }]
identityProviders:
  - { name: bench, metadata: idp.xml, allow: { unsolicitedResponse: true } }
sessions:
  store: ${JSON.stringify(options.store ?? 'file:sessions.db')}
  secret: ${randomText()}
log: { level: warn }
${options.gateway ?? ''}`,
  );
  upstreams.forEach((upstream, at) => {
    const path = upstreams.length === 1 ? '/' : `/a${at}`;
    const text = `app: app${at}\nhosts: ["127.0.0.1"]\npath: ${path}\nupstream: ${upstream}\naccess: [{ allow: authenticated }]\n`;
    writeFileSync(join(policies, `app${at}.yaml`), text + (options.policy ?? TOLD));
  });
  const sources = options.sources ?? OURS;
  const program = await startProgram(
    own,
    port,
    [
      process.execPath,
      // As the image and the unit for systemd start it; what is given comes later and counts.
      ...['--max-semi-space-size=16', '--disable-warning=ExperimentalWarning'],
      ...(options.node ?? []),
      ...[join(sources, 'gateway/main.ts'), 'serve', '--policies', policies, ...(options.given ?? [])],
    ],
    { MALLOC_ARENA_MAX: '2' },
  );
  return {
    name: options.name,
    url,
    roots: [program.pid],
    folder: own,
    saml: {
      entityId: `${url}/saml/metadata`,
      acs: `${url}/saml/acs`,
      slo: `${url}/saml/slo`,
      cookieName: /^(?:__Host-)?curfew=/,
      browserCookie: () => `${options.https === true ? '__Host-' : ''}curfew-browser=${randomText()}`,
      relayState: `${url}${upstreams.length === 1 ? '' : '/a0'}/1k`,
    },
    stop: program.stop,
  };
}

/** The lines for TLS, with the certificate that they name. */
function secured(policies: string, https: number, http: number, admin: number, keys: IdentityProviderKeys): string {
  const folder = join(policies, 'tls');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'bench.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'bench.crt'), keys.certificate);
  return `listen: { http: 127.0.0.1:${http}, https: 127.0.0.1:${https}, admin: 127.0.0.1:${admin} }\ntls: { certificates: tls }`;
}

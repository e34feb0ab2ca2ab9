// Apache as a reverse proxy: bare, with mod_auth_mellon, with Shibboleth's SP.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { commandAt, freePort, openFolder, startProgram, type Program } from '../program.ts';
import type { Peer, SamlService } from '../target.ts';

const MODULES = '/usr/lib/apache2/modules';
const USER = process.getuid?.() === 0 ? 'User www-data\nGroup www-data\n' : '';

/** Apache with what `more` adds; undefined where it, or the module it needs, is not installed. */
export async function startApache(
  folder: string,
  upstream: string,
  kind: ApacheKind,
  idpMetadata: string,
): Promise<Peer | undefined> {
  const apache = commandAt('apache2');
  if (apache === undefined || !kind.isInstalled()) return undefined;
  const own = openFolder(folder, kind.folder);
  openFolder(own, 'run');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { privateKey, certificate } = await newKeys('peer', new Date(systemClock.now()));
  // Apache's children read them as www-data.
  writeFileSync(join(own, 'sp.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o644 });
  writeFileSync(join(own, 'sp.crt'), certificate);
  writeFileSync(join(own, 'idp.xml'), idpMetadata);
  const { text, saml, before, roots = [] } = await kind.prepare(own, url, certificate);
  writeFileSync(join(own, 'apache.conf'), `${common(own, port)}${text}${proxying(upstream, before)}`);
  // mod_auth_mellon reads every certificate authority of the machine for each message, tens of milliseconds; an empty list spares it that.
  writeFileSync(join(own, 'no-authorities.pem'), '');
  const environment = { SSL_CERT_FILE: join(own, 'no-authorities.pem'), SSL_CERT_DIR: join(own, 'run') };
  const given = ['-f', join(own, 'apache.conf'), '-D', 'FOREGROUND'];
  const stopOthers = async (): Promise<void> => {
    for (const other of roots) await other.stop();
  };
  const program = await startProgram(own, port, [apache, ...given], environment).catch(async (error: unknown) => {
    await stopOthers();
    throw error;
  });
  return {
    name: kind.name,
    url,
    roots: [program.pid, ...roots.map(({ pid }) => pid)],
    folder: own,
    saml,
    stop: async () => {
      await program.stop();
      await stopOthers();
    },
  };
}

/** What makes one Apache differ from another. */
export interface ApacheKind {
  readonly name: string;
  readonly folder: string;
  isInstalled(): boolean;
  prepare(own: string, url: string, certificate: string): Promise<Prepared>;
}

/** Configuration, and what else runs for it. */
export interface Prepared {
  readonly text: string;
  readonly saml?: SamlService;
  /** Path that is not passed on. */
  readonly before?: string;
  readonly roots?: readonly Program[];
}

/** Whether Debian's package of a module is there. */
export const hasModule = (name: string): boolean => existsSync(join(MODULES, `mod_${name}.so`));

/** A proxy, and two header lines in place of what a session would say. */
export const BARE_APACHE: ApacheKind = {
  name: 'Apache',
  folder: 'apache',
  isInstalled: () => true,
  prepare: async () => ({
    text: 'RequestHeader set X-Remote-User "user0"\nRequestHeader set X-Groups "staff;group0;all"\n',
  }),
};

const LOADED = ['authn_core', 'authz_core', 'authz_user', 'headers', 'env', 'mime', 'alias', 'proxy', 'proxy_http'];

const common = (own: string, port: number): string => `ServerRoot ${own}
PidFile ${own}/pid
DefaultRuntimeDir ${own}/run
Listen 127.0.0.1:${port}
ServerName 127.0.0.1:${port}
UseCanonicalName On
${USER}LoadModule mpm_event_module ${MODULES}/mod_mpm_event.so
${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
TypesConfig /etc/mime.types
ErrorLog ${own}/error.log
LogLevel warn
StartServers 2
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
`;

const proxying = (upstream: string, before: string | undefined): string =>
  `${before === undefined ? '' : `ProxyPass "${before}" !\n`}ProxyPass "/" "${upstream}/" keepalive=On\nProxyPassReverse "/" "${upstream}/"\n`;

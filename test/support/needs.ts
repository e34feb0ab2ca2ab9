// What tests need beyond npm, how to see that it is there, and which Debian packages bring it.

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';

/** One thing a test may need. */
interface Thing {
  /** Whether it is there; cheap, and asks no network. */
  readonly isThere: () => boolean;
  /** Debian's packages, or what npm installs. */
  readonly from: { readonly debian: readonly string[] } | { readonly npm: string };
}

/** The identity provider on Auth0's library, with a package.json and a lock of its own. */
export const AUTH0_FOLDER = join(import.meta.dirname, '../interop/auth0-samlp');
export const SIMPLESAMLPHP_FOLDER = '/usr/share/simplesamlphp';
export const NAGIOS_FOLDER = '/usr/lib/cgi-bin/nagios4';
export const DOKUWIKI_FOLDER = '/usr/share/dokuwiki';

const PHP_EXTENSIONS = ['curl', 'dom', 'mbstring', 'pdo_sqlite'];
const PHP_PACKAGES = ['php8.2-cli', 'php8.2-xml', 'php8.2-mbstring', 'php8.2-curl', 'php8.2-sqlite3'];

export const THINGS = {
  xmllint: { isThere: () => commandPath('xmllint') !== undefined, from: { debian: ['libxml2-utils'] } },
  xmlsec1: { isThere: () => commandPath('xmlsec1') !== undefined, from: { debian: ['xmlsec1'] } },
  openssl: { isThere: () => commandPath('openssl') !== undefined, from: { debian: ['openssl'] } },
  chromium: { isThere: () => commandPath('chromium') !== undefined, from: { debian: ['chromium'] } },
  'redis-server': { isThere: () => commandPath('redis-server') !== undefined, from: { debian: ['redis-server'] } },
  'redis-sentinel': {
    isThere: () => commandPath('redis-sentinel') !== undefined,
    from: { debian: ['redis-sentinel'] },
  },
  php: { isThere: hasPhp, from: { debian: PHP_PACKAGES } },
  simplesamlphp: {
    isThere: () => existsSync(join(SIMPLESAMLPHP_FOLDER, 'www/saml2/idp/initSLO.php')),
    from: { debian: ['simplesamlphp'] },
  },
  // Its portal lists what it needs for that only among what it recommends or suggests.
  lemonldap: {
    isThere: () =>
      commandPath('plackup') !== undefined &&
      ['/usr/share/perl5/Lemonldap/NG/Portal/Issuer/SAML.pm', '/usr/share/perl5/XML/Simple.pm'].every(existsSync) &&
      spawnSync('perl', ['-MLasso', '-MIO::String', '-e', '1']).status === 0,
    from: {
      debian: [
        'liblemonldap-ng-portal-perl',
        'liblasso-perl',
        'libio-string-perl',
        'libxml-simple-perl',
        'libplack-perl',
      ],
    },
  },
  pysaml2: {
    isThere: () => spawnSync('/usr/bin/python3', ['-c', 'import saml2.server']).status === 0,
    from: { debian: ['python3-pysaml2', 'xmlsec1'] },
  },
  lxml: {
    isThere: () => spawnSync('/usr/bin/python3', ['-c', 'import lxml.etree']).status === 0,
    from: { debian: ['python3-lxml'] },
  },
  dokuwiki: { isThere: () => existsSync(join(DOKUWIKI_FOLDER, 'doku.php')), from: { debian: ['dokuwiki'] } },
  nagios: {
    isThere: () =>
      existsSync(join(NAGIOS_FOLDER, 'status.cgi')) &&
      ['nagios4', 'apache2', 'htpasswd'].every((name) => commandPath(name) !== undefined),
    from: { debian: ['nagios4', 'apache2', 'apache2-utils'] },
  },
  adminer: { isThere: () => existsSync('/usr/share/adminer/adminer.php'), from: { debian: ['adminer'] } },
  'auth0-samlp': {
    isThere: () => existsSync(join(AUTH0_FOLDER, 'node_modules/samlp/package.json')),
    from: { npm: AUTH0_FOLDER },
  },
  bash: { isThere: () => commandPath('bash') !== undefined, from: { debian: ['bash'] } },
  zsh: { isThere: () => commandPath('zsh') !== undefined, from: { debian: ['zsh'] } },
  fish: { isThere: () => commandPath('fish') !== undefined, from: { debian: ['fish'] } },
  'systemd-analyze': {
    isThere: () => commandPath('systemd-analyze') !== undefined,
    from: { debian: ['systemd'] },
  },
  kubectl: { isThere: () => commandPath('kubectl') !== undefined, from: { debian: ['kubernetes-client'] } },
  // Trees to enter by chroot, whose parts can be made read-only: for root, where the machine lets it.
  namespaces: { isThere: hasNamespaces, from: { debian: ['util-linux'] } },
  // Linux counts the processor time of each thread to the nanosecond; no package brings that.
  schedstat: { isThere: () => existsSync('/proc/self/schedstat'), from: { debian: [] } },
  // It also tells which timers its connections have.
  'tcp-table': { isThere: () => existsSync('/proc/net/tcp'), from: { debian: [] } },
} as const satisfies Readonly<Record<string, Thing>>;

export type Need = keyof typeof THINGS;

/** Those that are not there. */
export const missing = (needs: readonly Need[]): Need[] => needs.filter((need) => !THINGS[need].isThere());

/** Where a command is found on PATH; undefined where it is not. */
export function commandPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hasNamespaces(): boolean {
  if (process.getuid?.() !== 0 || commandPath('setpriv') === undefined) return false;
  return spawnSync('unshare', ['--mount', 'true']).status === 0;
}

function hasPhp(): boolean {
  if (commandPath('php') === undefined) return false;
  const { status, stdout } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  const modules = new Set(stdout.toLowerCase().split(/\s+/));
  return status === 0 && PHP_EXTENSIONS.every((extension) => modules.has(extension));
}

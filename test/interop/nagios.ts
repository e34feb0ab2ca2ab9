// Debian's Nagios behind Debian's Apache, configured and not changed: HTTP Basic on every request, and each person sees the hosts they
// are a contact of, by REMOTE_USER.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/gateway.ts';
import { NAGIOS_FOLDER } from '../support/needs.ts';
import type { LegacyApplication } from './legacy.ts';
import { startProgram } from './program.ts';

const MODULES = '/usr/lib/apache2/modules';
const WAIT_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** A host for each of these, seen by its contact alone; accounts NAME/NAMEpw. */
const PEOPLE = ['alice', 'bob'] as const;

/** `folder` must be one of its own: other users than the one who calls read it. */
export async function startNagios(folder: string): Promise<LegacyApplication> {
  const port = await freePort();
  const run = join(folder, 'var');
  for (const name of ['spool/checkresults', 'rw', 'archives']) await mkdir(join(run, name), { recursive: true });
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'resource.cfg'), '');
  await writeFile(join(folder, 'objects.cfg'), objects());
  await writeFile(join(folder, 'nagios.cfg'), nagiosCfg(folder));
  await writeFile(join(folder, 'cgi.cfg'), await cgiCfg(folder));
  await writeFile(join(folder, 'apache.conf'), apacheConf(folder, port));
  for (const name of PEOPLE) spawnSync('htpasswd', ['-bc', join(folder, name), name, `${name}pw`]);
  const accounts = await Promise.all(PEOPLE.map((name) => readFile(join(folder, name), 'utf8')));
  await writeFile(join(folder, 'htpasswd'), accounts.join(''));
  if (process.getuid?.() === 0) spawnSync('chown', ['-R', 'nagios:www-data', run]);
  const nagios = await startProgram({
    command: 'nagios4',
    words: [join(folder, 'nagios.cfg')],
    ready: /Nagios Core/,
  });
  const limit = AbortSignal.timeout(WAIT_LIMIT_MS);
  while (!existsSync(join(run, 'status.dat'))) await pause(LOOK_EVERY_MS, undefined, { signal: limit });
  // It keeps them to itself; the CGIs run as Apache's user.
  spawnSync('chmod', ['-R', 'a+rX', run]);
  const apache = await startProgram({
    // It ends by telling its whole process group to, which without this is ours.
    command: 'setsid',
    words: ['apache2', '-f', join(folder, 'apache.conf'), '-D', 'FOREGROUND'],
    ready: /resuming normal operations/,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      await apache.close();
      await nagios.close();
    },
  };
}

const objects = (): string => `define command {
 command_name ok
 command_line /bin/true
 }
define timeperiod {
 timeperiod_name always
 alias always
${['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].map((day) => ` ${day} 00:00-24:00\n`).join('')} }
${PEOPLE.map(
  (name) => `define contact {
 contact_name ${name}
 host_notification_period always
 service_notification_period always
 host_notification_options n
 service_notification_options n
 host_notification_commands ok
 service_notification_commands ok
 }
define host {
 host_name host-of-${name}
 address 127.0.0.1
 check_command ok
 max_check_attempts 1
 check_period always
 notification_period always
 contacts ${name}
 }
define service {
 host_name host-of-${name}
 service_description PING
 check_command ok
 max_check_attempts 1
 check_period always
 notification_period always
 contacts ${name}
 }
`,
).join('')}`;

const nagiosCfg = (folder: string): string => `log_file=${folder}/var/nagios.log
cfg_file=${folder}/objects.cfg
object_cache_file=${folder}/var/objects.cache
precached_object_file=${folder}/var/objects.precache
resource_file=${folder}/resource.cfg
status_file=${folder}/var/status.dat
status_update_interval=5
nagios_user=nagios
nagios_group=nagios
check_external_commands=0
command_file=${folder}/var/rw/nagios.cmd
lock_file=${folder}/var/nagios.pid
temp_file=${folder}/var/nagios.tmp
temp_path=${folder}/var
check_result_path=${folder}/var/spool/checkresults
state_retention_file=${folder}/var/retention.dat
query_socket=${folder}/var/rw/nagios.qh
log_archive_path=${folder}/var/archives
check_for_updates=0
bare_update_check=1
`;

/** Debian's own, pointed at this folder, with its authentication on and nobody authorized for all. */
const cgiCfg = async (folder: string): Promise<string> =>
  (await readFile('/etc/nagios4/cgi.cfg', 'utf8'))
    .replace(/^main_config_file=.*/m, `main_config_file=${folder}/nagios.cfg`)
    .replace(/^use_authentication=.*/m, 'use_authentication=1')
    .replaceAll(/^#?(authorized_for_\w+)=.*/gm, '$1=nagiosadmin');

const apacheConf = (folder: string, port: number): string => `ServerRoot ${folder}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
Mutex posixsem
Listen 127.0.0.1:${port}
ServerName 127.0.0.1:${port}
User www-data
Group www-data
ErrorLog "|/bin/cat"
LogLevel notice
StartServers 2
${[
  ...['mpm_prefork', 'authn_core', 'authz_core', 'authz_user', 'auth_basic', 'authn_file'],
  ...['env', 'mime', 'alias', 'cgi'],
]
  .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`)
  .join('')}TypesConfig /etc/mime.types
SetEnv NAGIOS_CGI_CONFIG ${folder}/cgi.cfg
ScriptAlias /cgi-bin/nagios4 ${NAGIOS_FOLDER}
<Directory ${NAGIOS_FOLDER}>
 Options ExecCGI
</Directory>
<Location />
 AuthType Basic
 AuthName "Nagios4"
 AuthUserFile ${folder}/htpasswd
 Require valid-user
</Location>
`;

// Legacy applications: Debian's DokuWiki as it is, and a page of a few lines that shows what it was told.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { DOKUWIKI_FOLDER } from '../support/needs.ts';
import { startPhp } from './program.ts';

export interface LegacyApplication {
  readonly url: string;
  close(): Promise<unknown>;
}

const DOKUWIKI_FOLDERS = 'pages attic media media_attic meta media_meta cache index locks tmp log'.split(' ');

/** DokuWiki, configured and not changed. Its own accounts: alice/wikipw, bob/wikipw. Everybody may read, those it knows may write. */
export async function startDokuWiki(folder: string): Promise<LegacyApplication> {
  const conf = join(folder, 'conf');
  for (const name of DOKUWIKI_FOLDERS) await mkdir(join(folder, 'wiki', name), { recursive: true });
  await mkdir(conf, { recursive: true });
  await mkdir(join(folder, 'php-sessions'), { recursive: true });
  await writeFile(join(folder, 'wiki/pages/start.txt'), '====== A legacy wiki ======\n\nOlder than the gateway.\n');
  // DOKU_CONF is DokuWiki's own way to point one installation at another configuration.
  await writeFile(join(folder, 'prepend.php'), `<?php define('DOKU_CONF', '${conf}/');\n`);
  await writeFile(
    join(conf, 'local.php'),
    `<?php
$conf['title'] = 'Legacy wiki'; $conf['lang'] = 'en'; $conf['license'] = '0'; $conf['useacl'] = 1; $conf['superuser'] = '@admin';
$conf['savedir'] = '${join(folder, 'wiki')}'; $conf['securecookie'] = 0; $conf['updatecheck'] = 0; $conf['authtype'] = 'authplain';
`,
  );
  await writeFile(join(conf, 'acl.auth.php'), '*\t@ALL\t1\n*\t@user\t8\n');
  const { stdout: hash } = spawnSync('php', ['-r', 'echo password_hash("wikipw", PASSWORD_BCRYPT, ["cost" => 4]);']);
  const people = { alice: 'Alice Moeller', bob: 'Bob Okafor' };
  const lines = Object.entries(people).map(
    ([id, name]) => `${id}:${hash.toString().trim()}:${name}:${id}@example.test:user\n`,
  );
  await writeFile(join(conf, 'users.auth.php'), lines.join(''));
  const php = await startPhp(DOKUWIKI_FOLDER, {
    auto_prepend_file: join(folder, 'prepend.php'),
    'session.save_path': join(folder, 'php-sessions'),
  });
  return { url: `http://127.0.0.1:${php.announced[1] ?? ''}`, close: () => php.close() };
}

/** A page that answers with the request headers as PHP hands them to applications, as JSON. */
export async function startMirror(folder: string): Promise<LegacyApplication> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'index.php'),
    '<?php header("Content-Type: application/json"); echo json_encode($_SERVER);\n',
  );
  const php = await startPhp(folder, {});
  return { url: `http://127.0.0.1:${php.announced[1] ?? ''}`, close: () => php.close() };
}

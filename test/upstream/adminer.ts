// Debian's Adminer as it is, over an SQLite file of its own. Any name signs in, with the password legacypw.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPhp } from '../interop/program.ts';
import type { LegacyApplication } from '../interop/legacy.ts';

const FOLDER = '/usr/share/adminer';

/** Whether Debian's package is here. */

/** The site configuration that Adminer asks of whoever uses SQLite: a password, by its own plugin. */
const INDEX = `<?php
function adminer_object() {
    include_once '${FOLDER}/plugins/plugin.php';
    include_once '${FOLDER}/plugins/login-password-less.php';
    return new AdminerPlugin([new AdminerLoginPasswordLess(password_hash('legacypw', PASSWORD_BCRYPT, ['cost' => 4]))]);
}
include '${FOLDER}/adminer.php';
`;

/** Starts it on a free port of 127.0.0.1. */
export async function startAdminer(folder: string): Promise<LegacyApplication> {
  const [www, sessions, tmp] = ['www', 'sessions', 'tmp'].map((name) => join(folder, name)) as [string, string, string];
  for (const name of [www, sessions, tmp]) await mkdir(name, { recursive: true });
  await writeFile(join(www, 'index.php'), INDEX);
  await writeFile(join(www, 'demo.sqlite'), '');
  const php = await startPhp(www, { 'session.save_path': sessions, sys_temp_dir: tmp });
  return { url: `http://127.0.0.1:${php.announced[1] ?? ''}`, close: () => php.close() };
}

// `curfew keys`: the key and certificate that sign our SAML messages, the key that signs what apps are told, and the secret that seals sessions. Never replaces a file.

import { generateKeyPair } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../kernel/clock.ts';
import { makeFolder } from '../kernel/folder.ts';
import { randomText } from '../kernel/random.ts';
import { selfSignedCertificate } from '../saml/certificate.ts';
import { EXIT, type Command } from './command.ts';

/** Ten years: SAML peers trust the key, not the dates; a key is rolled over by listing two. */
const VALID_DAYS = 3650;

/** `curfew keys`: makes what is not there yet, and leaves alone what is. */
export const keys: Command = {
  name: 'keys',
  summary: 'make the SAML key, its certificate, the key for JWTs and the session secret; replaces nothing',
  options: {
    certs: {
      type: 'string',
      names: 'folder',
      help: 'folder to put them in (default: certs beside the policies folder)',
    },
    name: { type: 'string', help: 'common name in the certificate (default: curfew)' },
  },
  run: async ({ policies, json, options, output }) => {
    const folder = typeof options['certs'] === 'string' ? options['certs'] : join(policies, '..', 'certs');
    const commonName = typeof options['name'] === 'string' ? options['name'] : 'curfew';
    const made = await makeIn(folder, commonName).catch((error: unknown) => {
      if (error instanceof Error && 'syscall' in error) return error.message;
      throw error;
    });
    if (typeof made === 'string') {
      output.complain(
        `${folder} cannot be written to: ${made}\nRun this as a user who may, or name another folder by --certs.`,
      );
      return EXIT.failed;
    }
    if (json) output.print(JSON.stringify({ files: made }));
    else
      for (const { file, made: isMade } of made)
        output.print(isMade ? `made ${file}` : `kept ${file}, which was there already`);
    return EXIT.done;
  },
};

/** Makes what is not there yet. Rejects with what the system says. */
async function makeIn(folder: string, commonName: string): Promise<readonly WrittenFile[]> {
  makeFolder(folder, 0o777);
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = selfSignedCertificate({
    privateKey,
    commonName,
    notBefore: new Date(systemClock.now()),
    days: VALID_DAYS,
  });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const pair = await writeTogether([
    [join(folder, 'sp.key'), key, 0o600],
    [join(folder, 'sp.crt'), certificate, 0o644],
  ]);
  const secret = await writeTogether([[join(folder, 'session.secret'), `${randomText(384)}\n`, 0o600]]);
  const { privateKey: jwtKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const jwt = await writeTogether([
    [join(folder, 'jwt.key'), jwtKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600],
  ]);
  return [...pair, ...jwt, ...secret];
}

interface WrittenFile {
  readonly file: string;
  readonly made: boolean;
}

type NewFile = readonly [file: string, text: string, mode: number];

/** All of them, or none where the first is there already: a key and another key's certificate would be worse than nothing. */
async function writeTogether(files: readonly NewFile[]): Promise<WrittenFile[]> {
  const [first] = files;
  if (first !== undefined && !(await isNew(first))) return files.map(([file]) => ({ file, made: false }));
  const rest = await Promise.all(files.slice(1).map(async (file) => ({ file: file[0], made: await isNew(file) })));
  return first === undefined ? rest : [{ file: first[0], made: true }, ...rest];
}

async function isNew([file, text, mode]: NewFile): Promise<boolean> {
  try {
    await writeFile(file, text, { mode, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

// An identity provider over pysaml2, the library of SATOSA and of Python's service desks. Its server calls curfew's, so both are at
// addresses in numbers, of two sites.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import type { Browser } from '../support/browser.ts';
import { startProgram } from './program.ts';
import { read } from './read.ts';
import { signIn, stageWithMirror, type Stage } from './stage.ts';

type Binding = 'redirect' | 'post' | 'soap';

export interface Behaviour {
  readonly sign: 'assertion' | 'response' | 'both';
  readonly encrypt: boolean;
  /** The Format of its NameIDs. */
  readonly nameId: string;
  /** How it sends its LogoutRequests. */
  readonly logout: Binding;
  /** What its metadata offers for logout, in this order. */
  readonly accepts: readonly Binding[];
  /** Whether a LogoutRequest names the SessionIndex; its own example does not. */
  readonly namesSessions: boolean;
  /** What it signs by; empty is its own choice, SHA-1. */
  readonly algorithms: { readonly signing_algorithm?: string; readonly digest_algorithm?: string };
  /** Whether assertions carry SessionNotOnOrAfter. */
  readonly sessionEnds: boolean;
}

export interface Pysaml2 {
  readonly origin: string;
  metadata(): Promise<string>;
  /** Changes how it behaves from the next request on. */
  behave(behaviour: Partial<Behaviour>): Promise<void>;
  readonly logoutAddress: string;
  /** Whether it has a session of this browser. */
  knows(person: Browser): Promise<boolean>;
  output(): string;
  close(): Promise<unknown>;
}

export const FORMATS = {
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
} as const;

/** Its own choice. */
export const SHA1 = {};
const SHA256 = {
  signing_algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digest_algorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
};

/** Starts it in `folder`, knowing no service provider until `sp.xml` stands there. */
export async function startPysaml2(folder: string): Promise<Pysaml2> {
  await mkdir(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const keys = await newKeys('pysaml2', new Date('2026-01-01T00:00:00Z'));
  await writeFile(at('idp.key'), keys.privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(at('idp.crt'), keys.certificate);
  let now: Behaviour = {
    sign: 'assertion',
    encrypt: false,
    nameId: FORMATS.persistent,
    logout: 'redirect',
    accepts: ['redirect', 'post', 'soap'],
    namesSessions: true,
    algorithms: SHA256,
    sessionEnds: true,
  };
  let turn = 0;
  const behave: Pysaml2['behave'] = async (behaviour) => {
    now = { ...now, ...behaviour };
    // The service provider's metadata is read again with each change.
    await writeFile(at('behaviour.json'), JSON.stringify({ ...now, turn: (turn += 1) }));
  };
  await behave({});
  const python = await startProgram({
    command: '/usr/bin/python3',
    words: ['-B', join(import.meta.dirname, 'pysaml2/idp.py'), folder, '127.0.0.2'],
    ready: /listening on (\d+)/,
  });
  const origin = `http://127.0.0.2:${python.announced[1] ?? ''}`;
  return {
    origin,
    metadata: async () => (await read(`${origin}/metadata`)).body,
    behave,
    logoutAddress: `${origin}/logout`,
    knows: async (person) => !(await person.visit(`${origin}/session`)).body.includes('"user": null'),
    output: () => python.output(),
    close: () => python.close(),
  };
}

/** Gives it our metadata, changed where a test wants it so. */
export async function registerAt(
  { idp, curfew, folder }: Pick<Stage<Pysaml2>, 'idp' | 'curfew' | 'folder'>,
  change: (metadata: string) => string = (metadata) => metadata,
): Promise<void> {
  await writeFile(join(folder, 'idp/sp.xml'), change((await read(`${curfew.origin}/saml/metadata`)).body));
  await idp.behave({});
}

/** With pysaml2, in front of a page that shows its headers (`mirror`). */
export async function stageWithPysaml2(
  t: ExecutionContext,
  behaviour: Partial<Behaviour> = {},
  settings: { readonly idp?: string } = {},
): Promise<Stage<Pysaml2>> {
  const stage = await stageWithMirror(t, startPysaml2, { host: '127.0.0.1', ...settings });
  await stage.idp.behave(behaviour);
  await registerAt(stage);
  return { ...stage, signIn };
}

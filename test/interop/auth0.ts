// Auth0's samlp as an identity provider, in a process of its own with packages of its own.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { AUTH0_FOLDER } from '../support/needs.ts';
import { startProgram } from './program.ts';
import { read } from './read.ts';

/** A service provider, as Auth0 asks for it: by hand, not by metadata. */
export interface Participant {
  readonly id: string;
  readonly acs: string;
  /** PEM. */
  readonly cert: string;
  readonly logout: { readonly redirect: string; readonly post: string };
}

export interface Behaviour {
  readonly sps: readonly Participant[];
  readonly logout: 'redirect' | 'post';
  readonly sign: 'assertion' | 'response' | 'both';
  /** False is samlp's own default: Redirect messages are not deflated, and signed inside. */
  readonly deflate: boolean;
  /** Whether assertions are encrypted: AES-256-GCM under RSA-OAEP. */
  readonly encrypt: boolean;
  readonly algorithm: 'rsa-sha256' | 'rsa-sha1';
}

export interface Auth0 {
  readonly origin: string;
  metadata(): Promise<string>;
  /** Changes how it behaves from the next request on. */
  behave(behaviour: Partial<Behaviour>): Promise<void>;
  readonly logoutAddress: string;
  /** JSON: who is signed in, and how many service providers know it. */
  readonly statusAddress: string;
  close(): Promise<unknown>;
}

/** Starts it under a host name of the test browser's choosing. */
export async function startAuth0(folder: string, host: string): Promise<Auth0> {
  await mkdir(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const keys = await newKeys('auth0', new Date('2026-01-01T00:00:00Z'));
  await writeFile(at('idp.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(at('idp.crt'), keys.certificate);
  let now: Behaviour = {
    sps: [],
    logout: 'redirect',
    deflate: true,
    sign: 'assertion',
    encrypt: false,
    algorithm: 'rsa-sha256',
  };
  const behave: Auth0['behave'] = async (behaviour) => {
    now = { ...now, ...behaviour };
    await writeFile(at('behaviour.json'), JSON.stringify(now));
  };
  await behave({});
  const node = await startProgram({
    command: process.execPath,
    words: ['--no-deprecation', join(AUTH0_FOLDER, 'server.cjs')],
    ready: /listening on (\d+)/,
    env: { KEY: at('idp.key'), CERT: at('idp.crt'), BEHAVIOUR: at('behaviour.json') },
  });
  const port = node.announced[1] ?? '';
  const origin = `http://${host}:${port}`;
  return {
    origin,
    metadata: async () => (await read(`${origin}/metadata`)).body,
    behave,
    logoutAddress: `${origin}/logout`,
    statusAddress: `${origin}/session`,
    close: () => node.close(),
  };
}

// A whole gateway with `listen.https`, and people signed in to it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { openBrowser } from './browser.ts';
import { writePairs, type Pair } from './certificates.ts';
import { freePort, signIn, stage, type Stage, type StageOptions } from './gateway.ts';

/** One gateway over TLS. */
export interface TlsStage {
  readonly scene: Stage;
  readonly port: number;
  /** Of certificates. */
  readonly folder: string;
}

/** Starts it with these certificates; `tls` are further entries of that setting, after a comma. It ends with the test. */
export async function overTls(
  t: ExecutionContext,
  pairs: Readonly<Record<string, Pair>>,
  tls = '',
  options: StageOptions = {},
): Promise<TlsStage> {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-https-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writePairs(folder, pairs);
  const port = await freePort();
  const scene = await stage(t, {
    publicUrl: `https://login.test:${port}`,
    listen: `, https: 127.0.0.1:${port}`,
    ...options,
    gateway: `tls: { certificates: ${folder}${tls} }\n${options.gateway ?? ''}`,
  });
  return { scene, port, folder };
}

/** The Cookie header of somebody who has signed in at `host` by a browser over HTTP/1.1. */
export async function cookieOf(
  t: ExecutionContext,
  { scene, port }: TlsStage,
  ca: string,
  user: 'alice' | 'bob',
  host: string,
): Promise<string> {
  const browser = openBrowser({ clock: scene.clock, ca });
  t.teardown(() => browser.close());
  await signIn(browser, user, `https://${host}:${port}/`);
  return browser
    .cookies(host)
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
}

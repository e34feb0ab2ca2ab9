// Everything the demonstration needs, on this machine only: the identity provider, two legacy applications, and curfew before them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configured } from '../gateway/cli/configured.ts';
import { keys } from '../gateway/cli/keys.ts';
import type { AuditEvent } from '../gateway/kernel/audit.ts';
import { systemClock } from '../gateway/kernel/clock.ts';
import { silentLog, type Log } from '../gateway/kernel/log.ts';
import { start, type Running } from '../gateway/server.ts';
import { startChat, type Chat } from './apps/chat.ts';
import { startWiki, type Wiki } from './apps/wiki.ts';
import { startIdentityProvider, type IdentityProvider } from './identity-provider/server.ts';
import { writePolicies } from './policies.ts';
import { choosePort } from './ports.ts';

export interface SceneOptions {
  /** Preferred ports; one that is taken is replaced by a free one, and 0 asks for that. */
  readonly ports: { readonly gateway: number; readonly idp: number };
  readonly onAudit?: (event: AuditEvent) => void;
  /** Warnings and errors of the gateway, and whatever hinders it. */
  readonly complain: (text: string) => void;
}

export interface Scene {
  /** The policies folder. */
  readonly policies: string;
  /** Where browsers go, without a slash at the end. */
  readonly at: { readonly login: string; readonly wiki: string; readonly chat: string; readonly idp: string };
  readonly idp: IdentityProvider;
  readonly wiki: Wiki;
  readonly chat: Chat;
  readonly running: Running;
  /** Everything the gateway's audit has told, oldest first. */
  readonly audit: readonly AuditEvent[];
  /** Stops everything and removes the temporary folder. */
  close(): Promise<void>;
}

/** Starts everything; rejects with everything stopped again where something cannot be started. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const undo: (() => Promise<unknown>)[] = [];
  // Last opened, first closed.
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'curfew-demo-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const scene = await build(folder, options, undo);
    return { ...scene, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  folder: string,
  options: SceneOptions,
  undo: (() => Promise<unknown>)[],
): Promise<Omit<Scene, 'close'>> {
  const port = await choosePort(options.ports.gateway);
  const at = (name: string): string => `http://${name}.localhost:${port}`;
  // Below login.localhost, so that browsers see one site: without https the cookie that a Response must find in its browser may come
  // back from another site for two minutes only (Chromium), and people who try something out take longer.
  const idp = await startIdentityProvider({ port: await choosePort(options.ports.idp), name: 'idp.login.localhost' });
  undo.push(() => idp.close());
  const [wiki, chat] = await Promise.all([startWiki({ port: 0 }), startChat({ port: 0 })]);
  undo.push(() => Promise.all([wiki.close(), chat.close()]));
  const policies = await writePolicies(folder, {
    publicUrl: at('login'),
    port,
    idpMetadata: idp.metadataXml,
    wiki: wiki.url,
    chat: chat.url,
  });
  const given = {
    policies,
    json: false,
    options: {},
    operands: [],
    env: {},
    output: { print: () => {}, complain: options.complain },
  };
  await keys.run(given);
  const configuration = configured(given);
  if (configuration === undefined) throw new Error('the policies of the demonstration have faults');
  const audit: AuditEvent[] = [];
  const record = (event: AuditEvent): void => {
    audit.push(event);
    options.onAudit?.(event);
  };
  const log = complaining(options.complain);
  const running = await start(configuration, { clock: systemClock, log, audit: { record } });
  undo.push(() => running.close(0));
  idp.registerServiceProvider(running.parts.doors.serviceProvider.metadata);
  const addresses = { login: at('login'), wiki: at('wiki'), chat: at('chat'), idp: idp.url };
  return { policies, at: addresses, idp, wiki, chat, running, audit };
}

const complaining = (complain: (text: string) => void): Log => {
  const line: Log['warn'] = (event, facts) => complain(`${event} ${JSON.stringify(facts ?? {})}`);
  return { ...silentLog, warn: line, error: line };
};

// Further nodes beside a stage's own gateway: in this process, or as processes of their own that can be stopped and killed.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { AuditEvent } from '../../gateway/kernel/audit.ts';
import type { Log } from '../../gateway/kernel/log.ts';
import type { StoreAddress } from '../../gateway/sessions/settings.ts';
import { readRedisAddress } from '../../gateway/sessions/redis-address.ts';
import { start, type Running } from '../../gateway/server.ts';
import { serving, type Serving } from '../journeys/child.ts';
import { refuseLeaks } from './secrets.ts';
import { freePort, type LogLine, type Scenery, type Stage } from './gateway.ts';

/** One more node of the same gateway. */
export interface Node {
  readonly port: number;
  readonly running: Running;
  readonly audit: AuditEvent[];
  readonly lines: LogLine[];
  at(host: string, path?: string): string;
  close(): Promise<void>;
}

/** Starts one in this process; `redis` where it reaches the store by another way. Resolves when it is ready. */
export async function furtherNode(t: ExecutionContext, scene: Stage, redis?: string): Promise<Node> {
  const port = await freePort();
  const { configuration, clock } = scene;
  const address = redis === undefined ? configuration.sessions.store : (readRedisAddress(redis) as StoreAddress);
  const audit: AuditEvent[] = [];
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log): Log['info'] =>
    (event, facts = {}) =>
      void lines.push({ level, event, facts });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const running = await start(
    {
      ...configuration,
      listen: { ...configuration.listen, http: { host: '127.0.0.1', port } },
      sessions: { ...configuration.sessions, store: address },
    },
    { clock, log, audit: { record: (event) => void audit.push(event) } },
  );
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await running.close(0);
    isOpen = false;
    refuseLeaks(scene.secrets, lines, audit);
  };
  t.teardown(close);
  await untilReady(() => running.parts.checks.store());
  return { port, running, audit, lines, at: (host, path = '/') => `http://${host}.test:${port}${path}`, close };
}

/** Starts one as a process of its own; on a port of its own where none is named. Resolves when it is ready. */
export async function nodeProcess(
  t: ExecutionContext,
  scene: Scenery,
  wanted?: number,
  differing: { readonly redis?: string; readonly nodeArguments?: readonly string[] } = {},
): Promise<Serving & { readonly port: number }> {
  const port = wanted ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'curfew-node-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await cp(scene.folder, folder, { recursive: true });
  const file = join(folder, 'gateway.yaml');
  const text = await readFile(file, 'utf8');
  const own = text.replace(`http: 127.0.0.1:${scene.port}`, `http: 127.0.0.1:${port}`);
  const { redis, nodeArguments } = differing;
  await writeFile(file, redis === undefined ? own : own.replace(/^ {2}store: .*$/m, `  store: ${redis}`));
  const node = await serving(t, folder, nodeArguments);
  await untilReady(async () => {
    const answer = await fetch(`${node.admin}/readyz`);
    if (answer.status !== 200) throw new Error(await answer.text());
  });
  return { ...node, port };
}

/** Asks until it works, for half a minute and more: a machine may be busy. */
export async function untilReady(ask: () => Promise<unknown>): Promise<void> {
  for (let left = 1500; ; left -= 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

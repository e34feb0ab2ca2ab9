// One of several processes that serve the same sockets. It does what its primary says, and ends with it; signals go to the primary, because
// a terminal or a supervisor sends them to all at once.

import type { Configuration } from '../../config/load.ts';
import type { AuditEvent } from '../../kernel/audit.ts';
import type { Readiness } from '../../ops/readiness.ts';
import type { ReloadedBy } from '../../reload.ts';
import type { Running } from '../../server.ts';
import { EXIT, type Given } from '../command.ts';
import { configured } from '../configured.ts';
import { digestOf } from '../summary.ts';
import { serveHere, type Addresses } from './here.ts';
import { openLine, type Wire } from './line.ts';

/** What a worker is told its number by. */
export const WORKER_VARIABLE = 'CURFEW_WORKER';

/** What a worker goes by; said anew when that is another configuration. */
export interface Followed {
  readonly digest: string;
  readonly log: Configuration['log'];
  readonly shutdown: Configuration['shutdown'];
}

/** What a worker says when it serves. */
export interface Serving extends Followed {
  readonly addresses: Addresses;
}

/** The number of this worker; undefined where this process is none. */
export function workerNumber(env: NodeJS.ProcessEnv): number | undefined {
  const number = Number(env[WORKER_VARIABLE]);
  return process.send === undefined || !Number.isInteger(number) || number < 1 ? undefined : number;
}

/** Serves as one of several. The primary has said what is to be said of the configuration. */
export async function serveAsWorker(given: Given, worker: number): Promise<number> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const configuration = configured({ ...given, output: { ...given.output, complain: () => undefined } });
  const code = configuration === undefined ? EXIT.fault : await served(given, configuration, worker);
  // The channel alone would keep the process.
  process.channel?.unref();
  return code;
}

function served(given: Given, configuration: Configuration, worker: number): Promise<number> {
  const stop = Promise.withResolvers<string>();
  const listeners = new Set<(event: AuditEvent) => void>();
  let own: Running['own'] | undefined;
  let reload: Running['reload'] | undefined;
  /** What was asked for while it was starting, with the files it had read by then. */
  let early: ReloadedBy | undefined;
  const line = openLine(toPrimary(), {
    stop: (signal) => stop.resolve(String(signal)),
    reload: (by) => {
      const asker = by === 'signal' ? 'signal' : 'administrator';
      if (reload === undefined) early = asker;
      else void reload(asker);
    },
    readiness: () => own?.readiness(),
    metrics: () => own?.metrics(),
    audit: (event) => {
      for (const listener of listeners) listener(event as AuditEvent);
    },
  });
  return serveHere(given, configuration, {
    worker,
    fellows: {
      readiness: async () => (await line.ask('readiness')) as Readiness,
      metrics: async () => (await line.ask('metrics')) as string,
      reload: () => line.tell('reload'),
      audit: { record: (event) => line.mention('audit', event) },
      onAudit: (listener) => void listeners.add(listener),
    },
    serves: (running, addresses) => {
      own = running.own;
      reload = (by) => running.reload(by);
      const serving: Serving = { addresses, ...followed(configuration) };
      line.tell('serving', serving);
      if (early !== undefined) void reload(early);
    },
    follows: (next) => line.tell('configured', followed(next)),
    untilStopped: () => stop.promise,
  });
}

const followed = (configuration: Configuration): Followed => ({
  digest: digestOf(configuration),
  log: configuration.log,
  shutdown: configuration.shutdown,
});

const toPrimary = (): Wire => ({
  send: (message, done) => process.send?.(message, undefined, {}, done) ?? false,
  listen: (listener) => void process.on('message', listener),
});

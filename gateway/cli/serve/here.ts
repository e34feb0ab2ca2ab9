// A gateway in this process: opened, told of, and closed in order.

import { isDeepStrictEqual } from 'node:util';
import { CurfewError } from '../../kernel/errors.ts';
import { agreeableClock, systemClock, systemElapsed } from '../../kernel/clock.ts';
import type { Configuration } from '../../config/load.ts';
import type { Audit } from '../../kernel/audit.ts';
import type { Log } from '../../kernel/log.ts';
import { AuditFileUnopened, openAuditFile } from '../../ops/audit-file.ts';
import { auditKeys, pseudonymOf } from '../../ops/audit-line.ts';
import type { Fellows } from '../../ops/fellows.ts';
import { openLog, type Writing } from '../../ops/log.ts';
import { start, type Running } from '../../server.ts';
import { EXIT, type Given } from '../command.ts';
import { loadedFrom } from '../configured.ts';
import { digestOf, summaryOf } from '../summary.ts';

/** Where sockets have been opened, as `address:port`. */
export interface Addresses {
  readonly http: string;
  readonly https?: string;
  readonly admin: string;
}

/** How it differs where the process is one of several. */
export interface Way {
  /** Its number among the workers. */
  readonly worker?: number;
  readonly fellows?: Fellows;
  /** Told in the place of the log that it serves. */
  readonly serves?: (running: Running, addresses: Addresses) => void;
  /** Told of each configuration that is taken over. */
  readonly follows?: (next: Configuration) => void;
  /** Resolves with the signal that it is to stop by. */
  readonly untilStopped: () => Promise<string>;
}

/** Serves until it is told to stop; answers the exit code. */
export async function serveHere(given: Given, configuration: Configuration, way: Way): Promise<number> {
  const writing = openLog(configuration.log, { worker: way.worker });
  const { log, flush } = writing;
  keepGoing(log);
  // Before anything is opened: as the first process of a container it would not even be ended by a signal that nobody waits for.
  const stopped = way.untilStopped();
  let opened: Opened | undefined;
  const audit: Audit = {
    record: (event, requestId, traceId) => opened?.record(event, requestId, traceId),
    trouble: () => opened?.trouble?.(),
  };
  // What the process itself has open follows as well; what cannot be opened is said before anything has changed.
  let used = configuration;
  const prepare = (next: Configuration) => {
    const other = isAuditedAlike(used, next) ? undefined : openAudit(next, writing, way.worker);
    return () => {
      used = next;
      writing.follow(next.log);
      way.follows?.(next);
      if (other === undefined) return;
      opened?.close?.();
      opened = other;
    };
  };
  try {
    opened = openAudit(configuration, writing, way.worker);
    const { fellows } = way;
    const clock = agreeableClock(systemClock, systemElapsed);
    const around = { clock, log, audit, ofProcess: true, fellows };
    const starting = start(configuration, around, { load: () => loadedFrom(given), prepare, digestOf });
    // Of a start that fails everybody hears below.
    if (way.worker === undefined)
      process.on('SIGHUP', () => void starting.then((running) => running.reload('signal')).catch(() => undefined));
    const running = await starting;
    audit.record({ event: 'configuration', what: 'started', digest: digestOf(configuration) });
    const addresses = {
      http: `${running.http.address}:${running.http.port}`,
      ...(running.https && { https: `${running.https.address}:${running.https.port}` }),
      admin: `${running.admin.address}:${running.admin.port}`,
    };
    if (way.serves === undefined) logServing(log, configuration, addresses);
    else way.serves(running, addresses);
    const signal = await stopped;
    const { drainMs, finishMs } = used.shutdown;
    if (way.worker === undefined) log.info('stopping', { signal });
    // Whoever stops it by hand does not wait for a load balancer.
    if (signal === 'SIGTERM' && drainMs > 0) await running.drain(drainMs);
    await running.close(finishMs);
    return EXIT.done;
  } catch (error) {
    given.output.complain(explain(error));
    return error instanceof CurfewError && error.code === 'SAML_METADATA_UNREADABLE' ? EXIT.fault : EXIT.failed;
  } finally {
    opened?.close?.();
    await flush();
  }
}

/** Nothing a client sends may stop the process. What reaches here is a defect of ours, and worth a line each time. */
export function keepGoing(log: Log): void {
  process.on('uncaughtException', (error) => log.error('uncaught', { error: error.stack }));
  process.on('unhandledRejection', (error) => {
    log.error('uncaught', { error: error instanceof Error ? error.stack : String(error) });
  });
}

/** What was concluded, and where it is served; with more that is worth knowing. */
export function logServing(log: Log, configuration: Configuration, addresses: Addresses, more: object = {}): void {
  log.info('configured', { ...summaryOf(configuration), ...more });
  log.info('listening', {
    ...addresses,
    publicUrl: configuration.publicUrl,
    apps: configuration.apps.map(({ app }) => app),
    identityProviders: configuration.identityProviders.map(({ name }) => name),
    ...more,
  });
}

/** Resolves with the name of the first signal to stop. */
export const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });

const isAuditedAlike = (a: Configuration, b: Configuration): boolean =>
  isDeepStrictEqual([a.audit, a.sessions.secrets[0]], [b.audit, b.sessions.secrets[0]]);

type Opened = Audit & { close?(): void };

/** Among the lines of the log, or in a file of its own. Throws where that cannot be opened. */
function openAudit({ audit, sessions }: Configuration, writing: Writing, worker: number | undefined): Opened {
  const { file, chain } = audit;
  const isPseudonymous = audit.nameIds === 'pseudonym';
  const keys = auditKeys(sessions.secrets[0] ?? '');
  if (file === undefined)
    return writing.audit((idp, nameId) => (isPseudonymous ? pseudonymOf(keys, idp, nameId) : nameId));
  const own = worker === undefined ? file : fileOfWorker(file, worker);
  return openAuditFile({ file: own, chain, isPseudonymous, keys, clock: systemClock, log: writing.log });
}

/** `audit.jsonl` becomes `audit.2.jsonl`: a chain has one writer, and a worker that is started anew goes on with its own. */
const fileOfWorker = (file: string, worker: number): string => file.replace(/(\.[^./]*)?$/, `.${worker}$1`);

/** Why it did not start, and what to do, for whoever reads the terminal. */
function explain(error: unknown): string {
  if (error instanceof CurfewError) {
    const { idp, file, reason = causeOf(error) } = error.detail;
    const said = [idp, file, reason].filter((word) => typeof word === 'string').join(': ');
    const detail = said === '' ? '' : ` (${said})`;
    return `${error.code}: ${error.meaning}${detail}\n${error.remedy}`;
  }
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AuditFileUnopened) return `the audit log cannot be written: ${error.message}\n${AUDIT_REMEDY}`;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' || syscall === 'bind') return `${error.message}: ${listenRemedy(code)}`;
  return error.stack ?? error.message;
}

const AUDIT_REMEDY =
  'name a file that this user may write in `audit.file` of gateway.yaml, or leave that out: then its lines go to standard output, among those of the log';

/** The system's own words. */
const causeOf = ({ cause }: CurfewError): string | undefined => (cause instanceof Error ? cause.message : undefined);

function listenRemedy(code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program listens there; stop it, or change that line of `listen` in gateway.yaml';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; write 0.0.0.0 for all it has, or one of its own, in `listen` of gateway.yaml';
    case 'EACCES':
      return 'this user may not listen there; write a port from 1024 on in `listen` of gateway.yaml';
    default:
      return 'change that line of `listen` in gateway.yaml';
  }
}

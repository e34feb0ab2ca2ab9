// `curfew serve`: the gateway, until it is told to stop.

import { CurfewError } from '../kernel/errors.ts';
import { agreeableClock, systemClock, systemElapsed } from '../kernel/clock.ts';
import type { Configuration } from '../config/load.ts';
import type { Audit } from '../kernel/audit.ts';
import { openAuditFile } from '../ops/audit-file.ts';
import { auditKeys, pseudonymOf } from '../ops/audit-line.ts';
import { openLog, type Writing } from '../ops/log.ts';
import { start } from '../server.ts';
import { EXIT, type Command } from './command.ts';
import { configured } from './configured.ts';
import { digestOf, summaryOf } from './summary.ts';

/** `curfew serve`: runs until SIGTERM or SIGINT; exit 1 where it cannot start, 2 where it is a fault of what is configured. */
export const serve: Command = {
  name: 'serve',
  summary: 'start the gateway',
  run: async (given) => {
    const configuration = configured(given);
    if (configuration === undefined) return EXIT.fault;
    const writing = openLog(configuration.log);
    const { log, flush } = writing;
    // Nothing a client sends may stop the process. What reaches here is a defect of ours, and worth a line each time.
    process.on('uncaughtException', (error) => log.error('uncaught', { error: error.stack }));
    process.on('unhandledRejection', (error) => {
      log.error('uncaught', { error: error instanceof Error ? error.stack : String(error) });
    });
    let audit: Opened | undefined;
    try {
      audit = openAudit(configuration, writing);
      const running = await start(configuration, {
        clock: agreeableClock(systemClock, systemElapsed),
        log,
        audit,
        ofProcess: true,
      });
      audit.record({ event: 'configuration', what: 'started', digest: digestOf(configuration) });
      log.info('configured', summaryOf(configuration));
      log.info('listening', {
        http: `${running.http.address}:${running.http.port}`,
        ...(running.https && { https: `${running.https.address}:${running.https.port}` }),
        admin: `${running.admin.address}:${running.admin.port}`,
        publicUrl: configuration.publicUrl,
        apps: configuration.apps.map(({ app }) => app),
        identityProviders: configuration.identityProviders.map(({ name }) => name),
      });
      const signal = await stopSignal();
      const { drainMs, finishMs } = configuration.shutdown;
      log.info('stopping', { signal });
      // Whoever stops it by hand does not wait for a load balancer.
      if (signal === 'SIGTERM' && drainMs > 0) await running.drain(drainMs);
      await running.close(finishMs);
      return EXIT.done;
    } catch (error) {
      given.output.complain(explain(error));
      return error instanceof CurfewError && error.code === 'SAML_METADATA_UNREADABLE' ? EXIT.fault : EXIT.failed;
    } finally {
      audit?.close?.();
      flush();
    }
  },
};

type Opened = Audit & { close?(): void };

/** Among the lines of the log, or in a file of its own. Throws where that cannot be opened. */
function openAudit({ audit, sessions }: Configuration, { log, audit: amongLog }: Writing): Opened {
  const { file, chain } = audit;
  const isPseudonymous = audit.nameIds === 'pseudonym';
  const keys = auditKeys(sessions.secrets[0] ?? '');
  if (file !== undefined) return openAuditFile({ file, chain, isPseudonymous, keys, clock: systemClock, log });
  return amongLog((idp, nameId) => (isPseudonymous ? pseudonymOf(keys, idp, nameId) : nameId));
}

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });

/** Why it did not start, and what to do, for whoever reads the terminal. */
function explain(error: unknown): string {
  if (error instanceof CurfewError) {
    const { idp, reason } = error.detail;
    const detail = typeof reason === 'string' ? ` (${typeof idp === 'string' ? `${idp}: ` : ''}${reason})` : '';
    return `${error.code}: ${error.meaning}${detail}\n${error.remedy}`;
  }
  if (!(error instanceof Error)) return String(error);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'listen') return `${error.message}: ${listenRemedy(code)}`;
  return error.stack ?? error.message;
}

function listenRemedy(code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program listens there; stop it, or change listen.http or listen.admin in gateway.yaml';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; write 0.0.0.0 for all it has, or one of its own, in listen.http or listen.admin';
    case 'EACCES':
      return 'this user may not listen there; write a port from 1024 on in listen.http or listen.admin';
    default:
      return 'change listen.http or listen.admin in gateway.yaml';
  }
}

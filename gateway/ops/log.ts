// The log and the audit lines on standard output, as JSON.

import pino from 'pino';
import type { Audit } from '../kernel/audit.ts';
import type { Log } from '../kernel/log.ts';
import { peopleIn } from './audit-line.ts';
import { openLogOutput } from './log-output.ts';
import type { LogSettings } from './settings.ts';

/** Log and audit over one output. */
export interface Writing {
  readonly log: Log;
  /** Writes among the lines of the log; `named` says how a person is called there. */
  readonly audit: (named: (idp: string, nameId: string) => string) => Audit;
  /** Shows lines of this weight and more from now on. */
  readonly follow: (settings: LogSettings) => void;
  /** Writes out what is still in memory, for a second at most; for the last moment of the process. Never rejects. */
  readonly flush: () => Promise<void>;
}

/** `to` is a file descriptor: 1 is standard output. Every line carries the number of the worker, where there are several. */
export function openLog(
  settings: LogSettings,
  { to = 1, worker }: { readonly to?: number; readonly worker?: number | undefined } = {},
): Writing {
  const output = openLogOutput(to, worker !== undefined, (lines) => logger.error({ lines }, 'log-lines-lost'));
  const logger = pino(
    {
      level: settings.level,
      base: worker === undefined ? null : { worker },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'event',
    },
    output,
  );
  const at =
    (level: keyof Log): Log['info'] =>
    (event, facts) => {
      logger[level](facts ?? {}, event);
    };
  // An audit line is written whatever the level of the log.
  const auditLogger = logger.child({}, { level: 'info' });
  return {
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    audit: (named) => ({
      record: ({ event, ...facts }, requestId, traceId) => {
        auditLogger.info({ audit: true, requestId, trace_id: traceId, ...facts, ...peopleIn(facts, named) }, event);
      },
      trouble: () => {
        const failure = output.failure();
        if (failure !== undefined) return `log and audit cannot be written to standard output: ${failure}`;
        const lines = output.lost();
        return lines === 0 ? undefined : `${lines} lines of log and audit are lost: nobody reads standard output`;
      },
    }),
    follow: ({ level }) => {
      logger.level = level;
    },
    flush: () => output.flush(),
  };
}

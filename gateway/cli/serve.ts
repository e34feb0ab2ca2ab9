// `curfew serve`: the gateway, until it is told to stop; in this process, or in several that it watches over.

import { EXIT, type Command } from './command.ts';
import { configured, workersOf, WORKERS_OPTION } from './configured.ts';
import { serveHere, stopSignal } from './serve/here.ts';
import { serveByWorkers } from './serve/primary.ts';
import { serveAsWorker, workerNumber } from './serve/worker.ts';

/** `curfew serve`: runs until SIGTERM or SIGINT, takes other policies over on SIGHUP; exit 1 where it cannot start, 2 where it is a fault of what is configured. */
export const serve: Command = {
  name: 'serve',
  summary: 'start the gateway',
  options: WORKERS_OPTION,
  run: (given) => {
    const number = workerNumber(given.env);
    if (number !== undefined) return serveAsWorker(given, number);
    const configuration = configured(given);
    if (configuration === undefined) return Promise.resolve(EXIT.fault);
    const workers = workersOf(configuration, given);
    if (workers > 1) return serveByWorkers(given, configuration, workers);
    return serveHere(given, configuration, { untilStopped: stopSignal });
  },
};

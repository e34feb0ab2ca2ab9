// Watches over the workers: starts them, starts one anew that has died, has all of them stop, and answers for all what one was asked.
// The sockets are node:cluster's; nothing a client sends is read here.

import cluster from 'node:cluster';
import { needingRestart } from '../../changes.ts';
import type { Configuration } from '../../config/load.ts';
import { openLog } from '../../ops/log.ts';
import type { CountedMetric } from '../../ops/metrics.ts';
import { readinessOfAll, type Readiness } from '../../ops/readiness.ts';
import { openTotals } from '../../ops/totals.ts';
import { EXIT, type Given } from '../command.ts';
import { complainOfFaults, loadedFrom } from '../configured.ts';
import { keepGoing, logServing, stopSignal } from './here.ts';
import type { Answers } from './line.ts';
import { openPost, type Post } from './post.ts';

/** Beyond drain and finish: what a worker needs to close its store. */
const STOP_MS = 15_000;

/** Serves with so many workers until it is told to stop; answers the exit code. */
export async function serveByWorkers(given: Given, configuration: Configuration, count: number): Promise<number> {
  const { log, flush, follow } = openLog(configuration.log);
  keepGoing(log);
  // Workers take connections themselves. Handed out by the primary, one that was on its way to a worker that dies would hang for ever
  // (seen with Node 24), and every connection would cost a message.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  // Numbers that are none (NaN) travel as well.
  cluster.setupPrimary({ serialization: 'advanced' });
  const totals = openTotals();
  const signal = stopSignal();
  let missing: string | undefined = 'not all have started yet';
  let restarts = 0;

  /** Asks every worker that serves; undefined for one that does not answer. `hear` is told of each answer as it comes. */
  const asked = async (what: string, hear?: (worker: number, said: unknown) => void): Promise<Map<number, unknown>> => {
    const serving = posts.filter((post) => post.serving() !== undefined);
    const said = serving.map(async ({ number, ask }) => {
      const answer = await ask(what).catch(() => undefined);
      if (answer !== undefined) hear?.(number, answer);
      return [number, answer] as const;
    });
    return new Map(await Promise.all(said));
  };
  const answers = (number: number): Answers => ({
    readiness: async () => readinessOfAll((await asked('readiness')) as Map<number, Readiness>, count, missing),
    metrics: async () => {
      // Each as it answers: what was said by one that has died since belongs to the dead.
      await asked('metrics', (worker, metrics) => totals.note(worker, metrics as CountedMetric[]));
      return totals.text({ serving: posts.filter((post) => post.serving()).length, of: count, restarts });
    },
    reload: () => {
      for (const post of posts) if (post.number !== number) post.tell('reload', 'administrator');
    },
    audit: (event) => {
      for (const post of posts) if (post.number !== number) post.mention('audit', event);
    },
  });
  const mayStart = faultsSaidOnce(given, configuration);
  const posts: readonly Post[] = Array.from({ length: count }, (_, at) =>
    openPost(at + 1, answers(at + 1), {
      log,
      mayStart,
      left: (number) => totals.left(number),
      restarted: (number, serving) => {
        restarts += 1;
        if (posts.some((post) => (post.serving() ?? serving).digest !== serving.digest))
          log.warn('worker-configured-otherwise', { worker: number });
        log.info('worker-restarted', { worker: number });
      },
      followed: (by) => follow(by.log),
      isAlone: () => posts.every((post) => post.serving() === undefined),
    }),
  );

  const reload = (): void => {
    for (const post of posts) post.tell('reload', 'signal');
  };
  process.on('SIGHUP', reload);
  try {
    const code = await Promise.race([signal, started(posts)]);
    if (typeof code === 'number') return code;
    if (code === undefined) {
      missing = undefined;
      const { addresses } = posts[0]?.serving() ?? { addresses: { http: '', admin: '' } };
      logServing(log, configuration, addresses, { workers: count });
    }
    const end = code ?? (await Promise.race([signal, ...posts.map((post) => post.hopeless)]));
    if (typeof end === 'number') {
      log.error('workers-cannot-start', { code: end });
      return end;
    }
    missing = 'stopping';
    log.info('stopping', { signal: end });
    const times = posts.map((post) => post.serving()?.shutdown ?? configuration.shutdown);
    const slowest = Math.max(...times.map(({ drainMs, finishMs }) => drainMs + finishMs));
    return await stopped(posts, end, slowest + STOP_MS);
  } finally {
    process.off('SIGHUP', reload);
    for (const post of posts) post.kill();
    await flush();
  }
}

/** The first alone, so that what stands in its way is said once; then the others. Answers the exit code where one ends at once. */
async function started([first, ...others]: readonly Post[]): Promise<number | undefined> {
  const code = await first?.start();
  if (code !== undefined) return code;
  return (await Promise.all(others.map((post) => post.start()))).find((one) => one !== undefined);
}

async function stopped(posts: readonly Post[], signal: string, ms: number): Promise<number> {
  const late = setTimeout(() => {
    for (const post of posts) post.kill();
  }, ms);
  const codes = await Promise.all(posts.map((post) => post.stop(signal)));
  clearTimeout(late);
  return codes.every((code) => code === EXIT.done) ? EXIT.done : EXIT.failed;
}

/**
 * Whether a worker that is started from the files on disk goes together with the others: one on another store would not hear of their logouts (P1). Faults
 * are shown when they are new, not at every attempt.
 */
function faultsSaidOnce(given: Given, running: Configuration): () => boolean {
  let said = '';
  return () => {
    const loaded = loadedFrom(given);
    const faults = 'faults' in loaded ? loaded.faults : needingRestart(running, loaded.configuration, loaded.faultAt);
    const text = JSON.stringify(faults);
    if (faults.length > 0 && text !== said) complainOfFaults(given, faults);
    said = text;
    return faults.length === 0;
  };
}

// What operators see of a running gateway: its metrics, its health, and what happened lately. Joined here, because it listens to every room.

import type { RequestListener } from 'node:http';
import { ADMIN_APP } from './admin-app.ts';
import type { Configuration } from './config/load.ts';
import { toAll, type Audit } from './kernel/audit.ts';
import { systemElapsed } from './kernel/clock.ts';
import type { Log, LogFacts } from './kernel/log.ts';
import { toBoth } from './kernel/measures.ts';
import { createAdmin, type AdminParts } from './ops/admin.ts';
import type { MetricSources } from './ops/metric-states.ts';
import { openMetrics, type CountedMetric } from './ops/metrics.ts';
import { readinessOf, type Readiness, type ReadinessParts } from './ops/readiness.ts';
import { openRecent } from './ops/recent.ts';
import { summingUp } from './ops/summing-up.ts';
import { openTraces, type Traces } from './ops/tracing.ts';
import type { Parts } from './parts.ts';
import type { Surroundings } from './surroundings.ts';

/** What joins the operator's side to the rest. */
export interface Operations {
  /** The surroundings, with everything that is measured and written down told here as well. */
  readonly surroundings: Surroundings;
  /** Where requests stand, by what is configured of it. */
  readonly traces: Pick<Traces, 'prepare' | 'close'>;
  /** Says from now on in the metrics how things stand as well. */
  watch(sources: MetricSources): void;
  /** Counts what happens to the apps and identity providers of this configuration as well. */
  know(configuration: Configuration): void;
  /** Writes how many refusals were counted in the audit log in the place of a line for each. */
  sumUp(): void;
  /** What this process has counted, for those that serve together with it. */
  counted(): Promise<CountedMetric[]>;
  /** The operator's address, over the parts of one configuration. */
  admin(parts: Parts, asked: Pick<ReadinessParts, 'checks' | 'warnings'> & Pick<AdminParts, 'reload'>): Admin;
}

/** What answers operators, and how this process stands by itself. */
export interface Admin {
  readonly answer: RequestListener;
  readonly readiness: () => Promise<Readiness>;
}

/** Opens it, before anything else is: so nothing that happens goes by. */
export function openOperations(configuration: Configuration, given: Surroundings): Operations {
  const metrics = openMetrics(namesIn(configuration), { ofProcess: given.ofProcess === true });
  const { fellows } = given;
  const recent = openRecent(given.clock);
  fellows?.onAudit((event) => recent.audit.record(event));
  const written = summingUp(given.audit, { clock: given.clock, elapsed: given.elapsed ?? systemElapsed });
  const audits = [written, metrics.audit, recent.audit, ...(fellows ? [fellows.audit] : [])];
  const traces = openTraces({ log: given.log, elapsed: systemElapsed });
  const log = tracedLog(given.log, traces);
  const measures = given.measures === undefined ? metrics.measures : toBoth(metrics.measures, given.measures);
  return {
    surroundings: { ...given, log, measures, recent, tracing: traces, audit: tracedAudit(toAll(...audits), traces) },
    traces,
    watch: (sources) => metrics.watch(sources),
    know: (next) => metrics.know(namesIn(next)),
    sumUp: () => written.tell(),
    counted: () => metrics.counted(),
    admin: (parts, { checks, warnings, reload }) => {
      const { sessions, live, newRequestId } = parts.doors;
      const { roll, administrator } = parts;
      const soon = () => [...warnings(), ...[given.audit.trouble?.() ?? []].flat()];
      const readiness = () => readinessOf({ checks, warnings: soon, sessions, live });
      const callback = createAdmin({
        readiness: fellows?.readiness ?? readiness,
        metrics: fellows === undefined ? metrics : { contentType: metrics.contentType, text: fellows.metrics },
        ...{ reload, meant: parts.wouldEnd, log: given.log },
        page: { roll, sessions, live, administrator, recent, newRequestId },
        token: parts.configuration.admin.token,
        guesses: { allowances: parts.allowances, most: parts.configuration.limits.adminTokens, measures },
      }).callback();
      return { readiness, answer: (request, response) => void callback(request, response) };
    },
  };
}

/** Lines that are written on the way of a request name its trace. */
function tracedLog(log: Log, { traceId }: Pick<Traces, 'traceId'>): Log {
  const traced = (facts?: LogFacts): LogFacts | undefined => {
    const trace = traceId();
    return trace === undefined ? facts : { trace_id: trace, ...facts };
  };
  return {
    debug: (event, facts) => log.debug(event, traced(facts)),
    info: (event, facts) => log.info(event, traced(facts)),
    warn: (event, facts) => log.warn(event, traced(facts)),
    error: (event, facts) => log.error(event, traced(facts)),
  };
}

const tracedAudit = (audit: Audit, { traceId }: Pick<Traces, 'traceId'>): Audit => ({
  record: (event, requestId) => audit.record(event, requestId, traceId()),
});

const namesIn = ({ apps, admin, identityProviders }: Configuration) => ({
  apps: [...apps.map(({ app }) => app), ...(admin.url === undefined ? [] : [ADMIN_APP])],
  identityProviders: identityProviders.map(({ name }) => name),
});

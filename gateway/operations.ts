// What operators see of a running gateway: its metrics, its health, and what happened lately. Joined here, because it listens to every room.

import type { Certificate } from './http/certificates.ts';
import type { Configuration } from './config/load.ts';
import { toAll } from './kernel/audit.ts';
import { toBoth } from './kernel/measures.ts';
import { createAdmin } from './ops/admin.ts';
import { openMetrics, type CountedMetric } from './ops/metrics.ts';
import { readinessOf, type Readiness } from './ops/readiness.ts';
import { openRecent } from './ops/recent.ts';
import type { Parts } from './parts.ts';
import type { Surroundings } from './surroundings.ts';

/** What joins the operator's side to the rest. */
export interface Operations {
  /** The surroundings, with everything that is measured and written down told here as well. */
  readonly surroundings: Surroundings;
  /** The operator's address, over the parts that run. */
  admin(parts: Parts, certificates: () => readonly Certificate[], warnings: () => readonly string[]): Admin;
  /** How this process stands, for those that serve together with it; after `admin`. */
  readonly own: { readiness(): Promise<Readiness>; metrics(): Promise<CountedMetric[]> };
}

type Admin = ReturnType<typeof createAdmin>;

/** Opens it, before anything else is: so nothing that happens goes by. */
export function openOperations(configuration: Configuration, given: Surroundings): Operations {
  const names = {
    apps: configuration.apps.map(({ app }) => app),
    identityProviders: configuration.identityProviders.map(({ name }) => name),
  };
  const metrics = openMetrics(names, { ofProcess: given.ofProcess === true });
  const { fellows } = given;
  const recent = openRecent(given.clock);
  fellows?.onAudit((event) => recent.audit.record(event));
  const audits = [given.audit, metrics.audit, recent.audit, ...(fellows ? [fellows.audit] : [])];
  let readiness = (): Promise<Readiness> => Promise.reject(new Error('not open yet'));
  const measures = given.measures === undefined ? metrics.measures : toBoth(metrics.measures, given.measures);
  return {
    surroundings: { ...given, measures, audit: toAll(...audits) },
    own: { readiness: () => readiness(), metrics: () => metrics.counted() },
    admin: (parts, certificates, warnings) => {
      const { sessions, live } = parts.doors;
      const { holdsLease, metadata, checks, roll, administrator } = parts;
      metrics.watch({ sessions, live, holdsLease, metadata, certificates });
      const soon = () => [...warnings(), ...[given.audit.trouble?.() ?? []].flat()];
      const { newRequestId } = parts.doors;
      readiness = () => readinessOf({ checks, warnings: soon, sessions, live });
      return createAdmin({
        readiness: fellows?.readiness ?? readiness,
        metrics: fellows === undefined ? metrics : { contentType: metrics.contentType, text: fellows.metrics },
        ...{ meant: parts.wouldEnd, log: given.log },
        page: { roll, sessions, live, administrator, recent, newRequestId },
        token: configuration.admin.token,
      });
    },
  };
}

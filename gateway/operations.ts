// What operators see of a running gateway: its metrics, its health, and what happened lately. Joined here, because it listens to every room.

import type { Certificate } from './http/certificates.ts';
import type { Configuration } from './config/load.ts';
import { toAll } from './kernel/audit.ts';
import { toBoth } from './kernel/measures.ts';
import { createAdmin } from './ops/admin.ts';
import { openMetrics } from './ops/metrics.ts';
import { openRecent } from './ops/recent.ts';
import type { Parts, Surroundings } from './parts.ts';

/** What joins the operator's side to the rest. */
export interface Operations {
  /** The surroundings, with everything that is measured and written down told here as well. */
  readonly surroundings: Surroundings;
  /** The operator's address, over the parts that run. */
  admin(parts: Parts, certificates: () => readonly Certificate[], warnings: () => readonly string[]): Admin;
}

type Admin = ReturnType<typeof createAdmin>;

/** Opens it, before anything else is: so nothing that happens goes by. */
export function openOperations(configuration: Configuration, given: Surroundings): Operations {
  const names = {
    apps: configuration.apps.map(({ app }) => app),
    identityProviders: configuration.identityProviders.map(({ name }) => name),
  };
  const metrics = openMetrics(names, { ofProcess: given.ofProcess === true });
  const recent = openRecent(given.clock);
  const measures = given.measures === undefined ? metrics.measures : toBoth(metrics.measures, given.measures);
  return {
    surroundings: { ...given, measures, audit: toAll(given.audit, metrics.audit, recent.audit) },
    admin: (parts, certificates, warnings) => {
      const { sessions, live } = parts.doors;
      const { holdsLease, metadata, checks, roll, administrator } = parts;
      metrics.watch({ sessions, live, holdsLease, metadata, certificates });
      const soon = () => [...warnings(), ...[given.audit.trouble?.() ?? []].flat()];
      const { newRequestId } = parts.doors;
      return createAdmin({
        ...{ checks, warnings: soon, sessions, live, meant: parts.wouldEnd, metrics, log: given.log },
        page: { roll, sessions, live, administrator, recent, newRequestId },
        token: configuration.admin.token,
      });
    },
  };
}

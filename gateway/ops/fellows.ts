// The other workers, as one that was asked by an operator knows them: who asks is answered for all, whichever took the connection.

import type { Audit, AuditEvent } from '../kernel/audit.ts';
import type { Readiness } from './readiness.ts';

/** What concerns every worker of a gateway, this one included. */
export interface Fellows {
  readonly readiness: () => Promise<Readiness>;
  /** The sums, in Prometheus's text format. */
  readonly metrics: () => Promise<string>;
  /** Has the others take over the policies as they are now. */
  reload(): void;
  /** Tells the others what happened here. */
  readonly audit: Audit;
  /** Calls `listener` with what happened at another. */
  onAudit(listener: (event: AuditEvent) => void): void;
}

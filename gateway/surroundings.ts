// What a gateway is put into by whoever starts it.

import type { Audit } from './kernel/audit.ts';
import type { Clock, Elapsed } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import type { Measures } from './kernel/measures.ts';
import type { Tracing } from './kernel/tracing.ts';
import type { Fellows } from './ops/fellows.ts';
import type { Recent } from './ops/recent.ts';

/** What the gateway is put into: time, and where its words go. */
export interface Surroundings {
  readonly clock: Clock;
  /** What limits are counted by. Default: the machine's. */
  readonly elapsed?: Elapsed | undefined;
  readonly log: Log;
  readonly audit: Audit;
  /** Told beside the metrics; for tests. */
  readonly measures?: Measures | undefined;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Whether the process is this gateway's alone, so that its metrics may tell of memory and CPU. Default: no. */
  readonly ofProcess?: boolean;
  /** Those that serve the same sockets in processes of their own. */
  readonly fellows?: Fellows | undefined;
  /** What happened lately, for the sessions page. Default: it remembers nothing. */
  readonly recent?: Recent | undefined;
}

// What all requests to one app have in common.

import type { HeaderRules } from './header-rules.ts';
import type { ConnectionPool } from './pool.ts';
import type { UpstreamSettings } from './upstream.ts';

/** What all exchanges with one app share. */
export interface Route {
  readonly settings: UpstreamSettings;
  readonly rules: HeaderRules;
  readonly pool: ConnectionPool;
  /** Constant per app: undici would open a new connection for every other name. */
  readonly servername: string;
  /** Whether whatever is nobody's has had its time: another way to the app, and other rules, are there since. */
  isLeft: boolean;
}

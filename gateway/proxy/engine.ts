// Moves one request, or one upgraded connection, between browser and application. Here it is decided which engine does
// it: undici for requests (http-engine.ts), http-proxy for upgrades (tunnel-engine.ts).

import type { Log } from '../kernel/log.ts';
import type { Forgery } from './forgeries.ts';
import { compileRules } from './header-rules.ts';
import { openHttp } from './http-engine.ts';
import { openTunnels } from './tunnel-engine.ts';
import type { Upstream, UpstreamSettings } from './upstream.ts';

export type { CookieJar, CutPoint, Forwarded, PassedTrace, Passage, Upstream, UpstreamSettings } from './upstream.ts';

/** What is the same for every app. */
export interface EngineOptions {
  readonly log: Log;
  /** Names of the gateway's own cookies; no app ever reads or sets one (P11). Case-sensitive. */
  readonly gatewayCookieNames: readonly string[];
  /** Value of Strict-Transport-Security for answers over TLS that have none; undefined adds none. */
  readonly hsts?: string | undefined;
  /** Is told of every request field that imitated an identity header; by then it is removed. */
  readonly onForgery?: ((forgery: Forgery) => void) | undefined;
}

/** Opens the way to one app; connections are made when requests need them. Throws where `origin` is no http(s) origin. */
export function openUpstream(settings: UpstreamSettings, options: EngineOptions): Upstream {
  const rules = compileRules(settings, options.gatewayCookieNames, options.onForgery, options.hsts);
  const http = openHttp(settings, rules, options.log);
  const tunnels = openTunnels(settings, rules);
  return {
    forward: (request, response, passage) => http.forward(request, response, passage),
    upgrade: (request, socket, head, passage) => tunnels.upgrade(request, socket, head, passage),
    closeTunnels: () => tunnels.close(),
    giveUp: async (graceMs) => {
      await Promise.all([http.giveUp(graceMs), tunnels.giveUp()]);
    },
    close: async () => {
      tunnels.close();
      await http.close();
    },
  };
}

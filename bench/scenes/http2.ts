// The same gateway over HTTP/1.1 and over HTTP/2, both with TLS and both asked by h2load.

import type { Streams } from '../h2load.ts';
import { commandAt } from '../program.ts';
import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import { comparison, type Table } from '../table.ts';

/** As many requests at once each time, on as many connections or on few. */
export async function byProtocol(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  if (commandAt('h2load') === undefined) {
    stand.say('h2load is not installed: left out');
    return [];
  }
  return stand.with(
    // As a proxy it may ask for a host that has no name; anybody else is answered 421, for no certificate has shown it to them.
    async () => [await stand.curfew({ name: 'https', https: true, gateway: 'trustedProxies: [127.0.0.1]\n' })],
    async (peers) => {
      stand.say('HTTP/2');
      const [target] = await stand.signedIn(peers, 1);
      if (target === undefined) return [];
      const few = Math.max(1, plan.connections / 8);
      const ways: readonly (Streams & { readonly name: string })[] = [
        {
          name: `HTTP/1.1, ${plan.connections} connections`,
          protocol: 'http/1.1',
          connections: plan.connections,
          each: 1,
        },
        { name: `HTTP/2, ${plan.connections} connections`, protocol: 'h2', connections: plan.connections, each: 1 },
        { name: `HTTP/2, ${few} connections of 8 streams`, protocol: 'h2', connections: few, each: 8 },
      ];
      const targets = ways.map(({ name, ...streams }) => ({ ...target, name, load: { streams } }));
      const title = '1 KiB, HTTP/1.1 and HTTP/2';
      const note = 'curfew behind TLS, asked by h2load in one session; the same process in all rows.';
      const load = { path: '/1k', connections: plan.connections, seconds: plan.seconds };
      return [await comparison(targets, load, plan, { title, note })];
    },
  );
}

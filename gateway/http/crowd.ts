// How many connections one address may hold, before a byte of them is read.

import type { BlockList, Server } from 'node:net';
import type { Measures } from '../kernel/measures.ts';
import { subscriber } from '../kernel/subscriber.ts';
import { isTrusted, plainAddress } from './client.ts';
import type { LimitSettings } from './limit-settings.ts';

/** What connections are judged by. */
export interface CrowdRules {
  readonly limits: LimitSettings['connections'];
  /** Whose connections are not counted for their address: many people stand behind each of these. */
  readonly trustedProxies: BlockList;
  readonly measures: Pick<Measures, 'count'>;
}

/** Closes at once what comes over the limits that `rules` tells of at that moment. */
export function limitConnections(server: Server, rules: () => CrowdRules): void {
  const of = new Map<string, number>();
  let all = 0;
  server.on('connection', (socket) => {
    const { limits, trustedProxies, measures } = rules();
    const address = plainAddress(socket.remoteAddress ?? '');
    const from = isTrusted(trustedProxies, address) ? undefined : subscriber(address);
    const held = from === undefined ? 0 : (of.get(from) ?? 0);
    const by = held >= limits.perAddress ? 'address' : all >= limits.all ? 'all' : undefined;
    if (by !== undefined) {
      measures.count('limited', { what: 'connections', by });
      socket.destroy();
      return;
    }
    all += 1;
    if (from !== undefined) of.set(from, held + 1);
    socket.once('close', () => {
      all -= 1;
      if (from === undefined) return;
      const left = (of.get(from) ?? 1) - 1;
      if (left > 0) of.set(from, left);
      else of.delete(from);
    });
  });
}

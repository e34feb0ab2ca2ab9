// What the nodes tell each other by the way. Nothing rests on it: it only makes what the heartbeat does anyway come sooner.

import type { SessionId } from '../kernel/words.ts';
import type { Membership } from './membership.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { Nodes } from './store.ts';

/** Listens, and begins to beat whenever there is a connection. */
export function hearNews(
  connection: Pick<RedisConnection, 'listen' | 'onReady'>,
  keys: RedisKeys,
  membership: Pick<Membership, 'hear' | 'start'>,
): Pick<Nodes, 'onJarChanged'> {
  const listeners = new Set<Parameters<Nodes['onJarChanged']>[0]>();
  connection.onReady(() => membership.start());
  connection.listen(keys.channel, (message) => {
    if (message === 'ended' || message === 'applied') membership.hear(message);
    else tellJar(message);
  });

  function tellJar(message: string): void {
    const [id, app, version] = partsOf(message);
    if (typeof id !== 'string' || typeof app !== 'string' || typeof version !== 'number') return;
    for (const listener of listeners) listener(id as SessionId, app, version);
  }

  return { onJarChanged: (listener) => void listeners.add(listener) };
}

/** A message that is not ours is none. */
function partsOf(message: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(message);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import test from 'ava';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { liveConnections } from '../../gateway/live/connections.ts';

const alice = 'alice' as SessionId;
const bob = 'bob' as SessionId;

function end(): { destroyed: number; destroy(): void } {
  return {
    destroyed: 0,
    destroy() {
      this.destroyed += 1;
    },
  };
}

test('cutting a session destroys both ends of each of its connections and of nobody else (P8)', (t) => {
  const live = liveConnections();
  const ends = [end(), end(), end(), end()] as const;
  const others = end();
  live.register(alice, ends[0]).add(ends[1]);
  live.register(alice, ends[2]).add(ends[3]);
  live.register(bob, others);
  t.is(live.cut(alice), 2);
  t.deepEqual(
    ends.map((one) => one.destroyed),
    [1, 1, 1, 1],
  );
  t.is(others.destroyed, 0);
  t.is(live.count(alice), 0);
  t.is(live.count(bob), 1);
  t.is(live.count(), 1);
});

test('all connections of a session are cut before the first is destroyed: nothing begins for another meanwhile (P8)', (t) => {
  const live = liveConnections();
  const seen: boolean[] = [];
  const looks = { destroy: () => void seen.push(...connections.map(({ isCut }) => isCut)) };
  const connections = [live.register(alice, looks), live.register(alice, looks)];
  live.cut(alice);
  t.deepEqual(seen, [true, true, true, true]);
});

test('cutting a session closes real sockets on both sides (P8)', async (t) => {
  const live = liveConnections();
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect(port, '127.0.0.1').on('error', () => {});
  await once(server, 'connection');
  const [socket] = accepted;
  if (socket === undefined) return t.fail();
  live.register(alice, socket);
  live.cut(alice);
  await once(client, 'close');
  t.true(socket.destroyed);
  server.close();
});

test('the last end in is destroyed first: it knows how its connection is cut, the bare socket does not (RFC 9112 §8)', (t) => {
  const live = liveConnections();
  const order: string[] = [];
  const named = (name: string) => ({ destroy: () => void order.push(name) });
  live.register(alice, named('socket')).add(named('exchange'));
  live.cut(alice);
  t.deepEqual(order, ['exchange', 'socket']);
});

test('an end that joins a connection after it was cut is destroyed at once (P8)', (t) => {
  const live = liveConnections();
  const connection = live.register(alice, end());
  live.cut(alice);
  t.true(connection.isCut);
  const late = end();
  connection.add(late);
  t.is(late.destroyed, 1);
});

test('releasing twice, or after a cut, counts once', (t) => {
  const live = liveConnections();
  const first = live.register(alice, end());
  const second = live.register(alice, end());
  first.release();
  first.release();
  t.is(live.count(alice), 1);
  t.is(live.cut(alice), 1);
  second.release();
  t.is(live.count(), 0);
});

test('a released connection is not destroyed by a later cut', (t) => {
  const live = liveConnections();
  const kept = end();
  const connection = live.register(alice, kept);
  connection.release();
  connection.add(kept);
  t.is(live.cut(alice), 0);
  t.is(kept.destroyed, 0);
  t.false(connection.isCut);
});

test('a connection registered after the cut is a new one, which an old release does not touch', (t) => {
  const live = liveConnections();
  const before = live.register(alice, end());
  live.cut(alice);
  const after = live.register(alice, end());
  before.release();
  t.false(after.isCut);
  t.is(live.count(alice), 1);
  t.is(live.cut(alice), 1);
});

test('an end that throws does not save the ends after it (P8)', (t) => {
  const live = liveConnections();
  const last = end();
  const broken = {
    destroy() {
      throw new Error('gone already');
    },
  };
  live.register(alice, broken).add(last);
  const other = end();
  live.register(alice, other);
  t.is(live.cut(alice), 2);
  t.is(last.destroyed, 1);
  t.is(other.destroyed, 1);
});

test('every connection is marked as cut before the first end is destroyed (P8)', (t) => {
  const live = liveConnections();
  const seen: boolean[] = [];
  live.register(alice, { destroy: () => seen.push(second.isCut) });
  const second = live.register(alice, end());
  live.cut(alice);
  t.deepEqual(seen, [true]);
});

test('a session id that is also a name of Object.prototype is only a session id', (t) => {
  const live = liveConnections();
  const odd = '__proto__' as SessionId;
  t.is(live.count(odd), 0);
  live.register(odd, end());
  t.is(live.cut(odd), 1);
});

test('while this node may not serve every connection counts as cut, and a new end is destroyed at once (P1, P12)', (t) => {
  let holds = true;
  const live = liveConnections(() => holds);
  const destroyed: string[] = [];
  const end = (name: string) => ({ destroy: () => void destroyed.push(name) });
  const connection = live.register('one' as SessionId, end('client'));
  t.false(connection.isCut);
  holds = false;
  t.true(connection.isCut);
  connection.add(end('upstream'));
  t.deepEqual(destroyed, ['upstream']);
  holds = true;
  t.false(connection.isCut);
  live.register('two' as SessionId, end('other'));
  t.is(live.cutAll(), 2);
  t.deepEqual(destroyed, ['upstream', 'client', 'other']);
  t.true(connection.isCut);
  t.is(live.count(), 0);
});

test('in whatever order connections are released, a cut destroys those that are left and no other (P8)', (t) => {
  const orders = [0, 1, 2, 3].flatMap((a) =>
    [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c])).filter((some) => new Set(some).size === 3),
  );
  for (const order of orders) {
    for (const released of [1, 2, 3]) {
      const live = liveConnections();
      const ends = [end(), end(), end(), end()];
      const connections = ends.map((one) => live.register(alice, one));
      const gone = order.slice(0, released);
      for (const number of gone) connections[number]?.release();
      const late = end();
      live.register(alice, late);
      t.is(live.count(alice), 5 - released);
      t.is(live.cut(alice), 5 - released);
      t.deepEqual(
        [...ends, late].map((one) => one.destroyed),
        [...ends.map((_, number) => (gone.includes(number) ? 0 : 1)), 1],
        `${gone.join()} of ${order.join()}`,
      );
      t.is(live.count(), 0);
    }
  }
});

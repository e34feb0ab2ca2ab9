// The Close a browser is told at a logout: in full and at once, or not at all (RFC 6455 §5.5.1).

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_FRAMES, FrameFollower } from '../../gateway/proxy/frames.ts';
import { bytesApp, get, listening, SESSION, stage, takenMiB } from './stage.ts';
import { HANDSHAKE, tunnel } from './tunnels.ts';

const SIGNED_OUT = CLOSE_FRAMES['signed out'].toString('latin1');
const MIB = 1 << 20;

/** A server's frame; `begin` is its first byte, 0x81 a whole text by default. */
function frame(payload: number, begin = 0x81): Buffer {
  const long = payload > 0xffff ? 8 : payload > 125 ? 2 : 0;
  const header = Buffer.alloc(2 + long);
  header[0] = begin;
  header[1] = long === 8 ? 127 : long === 2 ? 126 : payload;
  if (long === 2) header.writeUInt16BE(payload, 2);
  if (long === 8) header.writeBigUInt64BE(BigInt(payload), 2);
  return Buffer.concat([header, Buffer.alloc(payload, 'x')]);
}

/** After how many bytes a Close may stand, where they come in pieces of `size`. */
function boundaries(bytes: Buffer, size = 1): number[] {
  const follower = new FrameFollower();
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    follower.pass(bytes.subarray(at, at + size));
    if (follower.mayClose) found.push(Math.min(at + size, bytes.length));
  }
  return found;
}

test('a Close may stand between frames only, whatever their length and pieces (RFC 6455 §5.2)', (t) => {
  const lengths = [0, 1, 125, 126, 0xffff, 0x10000];
  const frames = lengths.map((length) => frame(length));
  const ends = frames.map((_one, at) => Buffer.concat(frames.slice(0, at + 1)).length);
  const all = Buffer.concat(frames);
  t.deepEqual(boundaries(all), ends);
  for (const size of [2, 3, 7, 1000]) {
    t.deepEqual(
      boundaries(all, size),
      ends.filter((end) => end % size === 0 || end === all.length),
    );
  }
  t.true(new FrameFollower().mayClose);
});

test('a Close may stand inside a message, and between the frames of one that is compressed (RFC 6455 §5.4, RFC 7692 §6)', (t) => {
  const message = [frame(3, 0x41), frame(3, 0x00), frame(2, 0x8a), frame(3, 0x80)];
  t.deepEqual(boundaries(Buffer.concat(message)), [5, 10, 14, 19]);
});

test('a masked frame ends where it says, though no server may send one (RFC 6455 §5.1)', (t) => {
  const masked = Buffer.from([0x81, 0x83, 1, 2, 3, 4, 0x61, 0x62, 0x63]);
  t.deepEqual(boundaries(Buffer.concat([masked, frame(1)])), [9, 12]);
});

test('no Close follows a Close (RFC 6455 §5.5.1)', (t) => {
  t.deepEqual(boundaries(Buffer.concat([frame(1), CLOSE_FRAMES['going away'], frame(1)])), [3]);
});

for (const [what, garbage] of [
  ['an opcode nobody knows', Buffer.from([0x83, 0])],
  ['a control frame that is too long', Buffer.from([0x89, 126, 0, 200])],
  ['a length beyond all lengths', Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['text', Buffer.from('this is no frame at all')],
] as const) {
  test(`after ${what} there is no Close any more (RFC 6455 §5.2)`, (t) => {
    t.deepEqual(boundaries(Buffer.concat([frame(1), garbage, frame(1), frame(1)])).slice(0, 1), [3]);
    const follower = new FrameFollower();
    follower.pass(garbage);
    for (let frames = 0; frames < 300; frames += 1) {
      follower.pass(frame(frames));
      t.false(follower.mayClose);
    }
  });
}

test('the bytes of a Close are status and reason, unmasked (RFC 6455 §5.5.1)', (t) => {
  t.deepEqual([...CLOSE_FRAMES['signed out']], [0x88, 12, 0x11, 0x31, ...Buffer.from('signed out')]);
  t.deepEqual([...CLOSE_FRAMES['going away']], [0x88, 12, 0x03, 0xe9, ...Buffer.from('going away')]);
});

test('a logout is the last thing a browser hears, after every whole frame and nothing else (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  conversation.socket.write(frame(5));
  await client.until('xxxxx');
  t.is(gateway.live.cut(SESSION), 1);
  conversation.write('too late');
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
  t.true((await client.all()).endsWith(`\r\n\r\n${frame(5).toString('latin1')}${SIGNED_OUT}`));
  t.is(await client.closed, 'clean');
  await conversation.closed;
});

test('a browser that answers no Close is cut without an answer (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  gateway.live.cut(SESSION);
  t.true((await client.all()).endsWith(SIGNED_OUT));
  await conversation.closed;
  // It keeps its own half open and goes on writing: that reaches nobody, and ends by a reset.
  const reset = once(client.socket, 'error');
  while (!client.socket.destroyed) {
    client.write('x');
    await turn();
  }
  await reset;
  t.false(conversation.text.includes('x'.repeat(3)));
});

for (const [what, torn] of [
  ['in the middle of a frame', frame(70_000).subarray(0, 69_999)],
  ['in the middle of a header', Buffer.from([0x82])],
  ['after bytes that are no frames', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
] as const) {
  test(`${what} a logout cuts without a Close (RFC 6455 §5.5.1, P8)`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const { client, conversation } = await tunnel(wiki, gateway);
    conversation.socket.write(torn);
    await client.until(torn.toString('latin1'));
    gateway.live.cut(SESSION);
    t.is(await client.closed, 'reset');
    t.true(client.text.endsWith(torn.toString('latin1')));
    await conversation.closed;
  });
}

test('a browser that does not read is cut without a Close, and what waits for it is thrown away (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  client.socket.pause();
  const before = client.text.length;
  // Zeros: continuation frames of no length, so that every second byte is a boundary.
  const taken = await takenMiB(conversation.socket);
  t.true(taken < 100, `${taken} MiB`);
  gateway.live.cut(SESSION);
  await conversation.closed;
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
  client.socket.resume();
  t.is(await client.closed, 'reset');
  t.false(client.text.slice(before).includes(SIGNED_OUT));
});

test('a gateway that stops closes with 1001 and opens no further WebSocket (RFC 6455 §7.4.1)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  gateway.upstream.closeTunnels();
  t.true((await client.all()).endsWith(CLOSE_FRAMES['going away'].toString('latin1')));
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
  await conversation.closed;
  const late = gateway.send(get('/ws', HANDSHAKE));
  t.regex(await late.all(), /^HTTP\/1\.1 503 [^]*UPSTREAM_CLOSED/);
});

test('fragmented messages in flight arrive in order, and then the Close is understood (RFC 6455 §5.4)', async (t) => {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
  const port = await listening(t, server);
  const gateway = await stage(t, port);
  for (const perMessageDeflate of [false, true]) {
    const connected = once(sockets, 'connection') as Promise<[WebSocket]>;
    const browser = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, { perMessageDeflate });
    const ended = once(browser, 'close') as Promise<[number, Buffer]>;
    const opened = once(browser, 'open');
    const [app] = await connected;
    await opened;
    app.on('error', () => {});
    const pieces: number[] = [];
    browser.on('message', (data: Buffer) => pieces.push(data.length));
    app.send(Buffer.alloc(3 * MIB));
    // A message of three frames, of which the last never comes.
    app.send(Buffer.alloc(MIB), { fin: false });
    app.send(Buffer.alloc(200), { fin: false });
    const pong = once(browser, 'ping');
    app.ping();
    await pong;
    const gone = once(app, 'close');
    gateway.live.cut(SESSION);
    const [code, reason] = await ended;
    t.deepEqual([code, reason.toString(), pieces], [4401, 'signed out', [3 * MIB]]);
    await gone;
  }
});

// Who reads slowly, or sends slowly, costs kilobytes: the gateway takes from one side only what the other takes from it.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { listening } from './stage.ts';

const MIB = 1 << 20;
const CLIENTS = 200;
/** Of each client, on the average of both kinds, at the highest. */
const MOST_KIB = 512;

test('clients that read nothing of 50 MiB, and clients that send one byte of it, cost kilobytes each', async (t) => {
  let passed = 0;
  const piece = Buffer.alloc(64 * 1024, 'x');
  const app = createServer((request, response) => {
    if (request.method === 'PUT') return void request.on('data', () => (passed += 1));
    response.setHeader('content-length', 50 * MIB);
    const write = (left: number): void => {
      if (left === 0) {
        response.end();
        return;
      }
      passed += 1;
      if (response.write(piece)) setImmediate(write, left - 1);
      else response.once('drain', () => write(left - 1));
    };
    write((50 * MIB) / piece.length);
  });
  const origin = `http://127.0.0.1:${await listening(t, app)}`;
  const child = fork(new URL('lone-gateway.ts', import.meta.url), [origin], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  t.teardown(() => child.kill());
  const said = async (): Promise<number> => Number((await once(child, 'message'))[0]);
  const port = await said();
  const highestMiB = (): Promise<number> => {
    child.send('?');
    return said();
  };
  const sockets: Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const open = async (head: string, count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      socket.pause();
      socket.write(head);
    }
    // Until nothing moves any more.
    let before = -1;
    while (before !== passed) {
      before = passed;
      await pause(300);
    }
  };
  const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const put = `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${50 * MIB}\r\n\r\nx`;
  await open(get, 40);
  const before = await highestMiB();
  await open(get, CLIENTS);
  await open(put, CLIENTS);
  const eachKiB = (((await highestMiB()) - before) * 1024) / (2 * CLIENTS);
  t.log(`${eachKiB.toFixed(0)} KiB each`);
  t.true(passed < (CLIENTS * 50 * MIB) / piece.length, 'everything has passed: nobody was slow');
  t.true(eachKiB < MOST_KIB, `${eachKiB} KiB`);
});

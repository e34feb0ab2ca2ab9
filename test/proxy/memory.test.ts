import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import test, { type ExecutionContext } from 'ava';
import { listening } from './stage.ts';

const MIB = 1 << 20;
const TOTAL_MIB = 1024;
const PIECE = Buffer.alloc(MIB, 'curfew');

function* pieces(countMiB: number): Generator<Buffer> {
  for (let count = 0; count < countMiB; count += 1) yield PIECE;
}

const digestOf = (countMiB: number): string => {
  const digest = createHash('sha256');
  for (const piece of pieces(countMiB)) digest.update(piece);
  return digest.digest('hex');
};

/** An app that sends as many MiB as the path says, and answers an upload with its digest. */
const storage = createServer((request, response) => {
  const [framing, count] = (request.url ?? '').slice(1).split('/');
  if (request.method === 'GET') {
    if (framing === 'length') response.setHeader('Content-Length', Number(count) * MIB);
    Readable.from(pieces(Number(count))).pipe(response);
    return;
  }
  const digest = createHash('sha256');
  request.on('data', (chunk: Buffer) => digest.update(chunk)).on('end', () => response.end(digest.digest('hex')));
});

async function loneGateway(t: ExecutionContext): Promise<{ port: number; highestMiB: () => Promise<number> }> {
  const origin = `http://127.0.0.1:${await listening(t, storage)}`;
  const child = fork(new URL('lone-gateway.ts', import.meta.url), [origin], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  t.teardown(() => child.kill());
  return { port: await said(child), highestMiB: () => (child.send('?'), said(child)) };
}

const said = async (child: ChildProcess): Promise<number> => Number((await once(child, 'message'))[0]);

async function download(port: number, framing: string, countMiB: number): Promise<string> {
  const asked = httpRequest({ port, path: `/${framing}/${countMiB}`, agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const digest = createHash('sha256');
  answer.on('data', (chunk: Buffer) => digest.update(chunk));
  await finished(answer);
  return digest.digest('hex');
}

async function upload(port: number, framing: string, countMiB: number): Promise<string> {
  const headers = framing === 'length' ? { 'Content-Length': String(countMiB * MIB) } : {};
  const sent = httpRequest({ port, method: 'PUT', path: '/', headers, agent: false });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  await pipeline(Readable.from(pieces(countMiB)), sent);
  const [answer] = await answered;
  return (await answer.setEncoding('latin1').toArray()).join('');
}

test(`${TOTAL_MIB} MiB pass whole and in flat memory, up and down, with a length and in chunks`, async (t) => {
  const gateway = await loneGateway(t);
  const expected = digestOf(TOTAL_MIB);
  for (const transfer of [download, upload]) {
    for (const framing of ['length', 'chunks']) {
      // The first bytes make the process what it is: code is compiled, the young generation grows.
      await transfer(gateway.port, framing, 128);
      const before = await gateway.highestMiB();
      t.is(await transfer(gateway.port, framing, TOTAL_MIB), expected);
      const grownMiB = (await gateway.highestMiB()) - before;
      t.log(`${transfer.name}, ${framing}: ${before.toFixed(0)} MiB, grew by ${grownMiB.toFixed(0)}`);
      t.true(grownMiB < 64, `${transfer.name}, ${framing}: grew by ${grownMiB.toFixed(0)} MiB`);
    }
  }
});

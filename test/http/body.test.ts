import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { rawBody } from '../../gateway/http/body.ts';

const MOST = 64 * 1024;

/** A server, somebody who speaks to it, and the request as it arrives. */
async function asked(t: ExecutionContext, ...begin: readonly string[]) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  t.teardown(() => {
    socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  socket.write(begin.join('\r\n'));
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return { request, response, socket };
}

const POST = ['POST / HTTP/1.1', 'Host: here'] as const;
const IN_CHUNKS = [...POST, 'Transfer-Encoding: chunked', '', ''] as const;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

const answered = async (socket: Socket): Promise<string> => String(((await once(socket, 'data')) as [Buffer])[0]);

test('a body is what was sent, in however many pieces and of none', async (t) => {
  const whole = await asked(t, ...POST, 'Content-Length: 5', '', 'SAML2');
  t.is(String(await rawBody(whole.request, whole.response, MOST)), 'SAML2');
  const none = await asked(t, ...POST, '', '');
  t.is(String(await rawBody(none.request, none.response, MOST)), '');
  const pieces = await asked(t, ...IN_CHUNKS);
  const body = rawBody(pieces.request, pieces.response, MOST);
  const text = 'x'.repeat(30_000);
  for (const piece of ['SAML', text, 'é'.normalize('NFD').slice(0, 1)]) pieces.socket.write(chunk(piece));
  pieces.socket.write('0\r\n\r\n');
  t.is(String(await body), `SAML${text}e`);
});

test('a body that is longer than it may be is refused as soon as that is known, and the refusal can still be sent', async (t) => {
  const announced = await asked(t, ...POST, `Content-Length: ${MOST + 1}`, '', '');
  await t.throwsAsync(rawBody(announced.request, announced.response, MOST), { code: 'BODY_TOO_LONG' });
  const { request, response, socket } = await asked(t, ...IN_CHUNKS);
  const body = rawBody(request, response, MOST);
  for (let sent = 0; sent <= MOST; sent += 1024) socket.write(chunk('x'.repeat(1024)));
  await t.throwsAsync(body, { code: 'BODY_TOO_LONG' });
  t.false(request.destroyed);
  response.writeHead(413, { connection: 'close' }).end();
  t.regex(await answered(socket), /^HTTP\/1\.1 413 /);
});

test('a body of exactly what may be sent is taken', async (t) => {
  const { request, response, socket } = await asked(t, ...POST, `Content-Length: ${MOST}`, '', '');
  const body = rawBody(request, response, MOST);
  socket.write('x'.repeat(MOST));
  t.is((await body).length, MOST);
});

test('who goes away in the middle of a body is refused, whether it is being read yet or not', async (t) => {
  const reading = await asked(t, ...POST, 'Content-Length: 10', '', 'SAML');
  const body = rawBody(reading.request, reading.response, MOST);
  reading.socket.destroy();
  const error = await t.throwsAsync(body, { code: 'BODY_TOO_LONG' });
  t.like(error, { detail: { reason: 'broken off' } });
  const late = await asked(t, ...POST, 'Content-Length: 10', '', 'SAML');
  late.socket.destroy();
  await new Promise((resolve) => late.request.on('close', resolve));
  await t.throwsAsync(rawBody(late.request, late.response, MOST), { code: 'BODY_TOO_LONG' });
});

test('a request that is given up while it is read fails by what it was given up for', async (t) => {
  const { request, response } = await asked(t, ...POST, 'Content-Length: 10', '', 'SAML');
  const body = rawBody(request, response, MOST);
  request.destroy(new Error('no room'));
  const error = await t.throwsAsync(body, { code: 'BODY_TOO_LONG' });
  t.is((error.cause as Error).message, 'no room');
});

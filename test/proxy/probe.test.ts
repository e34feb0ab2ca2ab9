// The one question that is asked of an app before it is served.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type Server } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createSocketServer, type AddressInfo, type Server as SocketServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import { probe } from '../../gateway/proxy/probe.ts';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const cert = selfSignedCertificate({
  ...{ privateKey, commonName: 'localhost', days: 36_500 },
  notBefore: new Date(Date.UTC(2020, 0, 1)),
});

async function portOf(t: ExecutionContext, server: Server | SocketServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const ask = (origin: string, responseTimeoutMs = 5000, tls?: { ca: string }) =>
  probe({ app: 'wiki', origin, connectTimeoutMs: 2000, responseTimeoutMs, idleTimeoutMs: 1000, tls }, '/wiki/', {
    host: 'wiki.example',
    'x-forwarded-proto': 'https',
  });

const codeOf = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof CurfewError ? error.code : String(error)),
  );

test('an app is asked once by HEAD for its path under its public name, and any status is an answer (RFC 9110 §9.2.1)', async (t) => {
  const seen: IncomingMessage[] = [];
  const server = createPlain((request, response) => {
    seen.push(request);
    response.writeHead(405).end();
  });
  const answer = await ask(`http://127.0.0.1:${await portOf(t, server)}`);
  t.deepEqual(answer, { status: 405, tls: undefined });
  t.deepEqual(
    seen.map(({ method, url, headers: { host } }) => [method, url, host]),
    [['HEAD', '/wiki/', 'wiki.example']],
  );
});

test('an app behind TLS is believed as requests believe it, and the time its certificate ends is told', async (t) => {
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const origin = `https://localhost:${await portOf(
    t,
    createServer({ key, cert }, (_asked, answer) => answer.end()),
  )}`;
  const answer = await ask(origin, 5000, { ca: cert });
  t.is(answer.tls?.version, 'TLSv1.3');
  t.regex(answer.tls?.validUntil ?? '', /2119|2120/);
  t.is(await codeOf(ask(origin)), 'UPSTREAM_UNTRUSTED');
});

test('what is no answer is told apart: nobody there, another protocol, silence', async (t) => {
  t.is(await codeOf(ask('http://127.0.0.1:1')), 'UPSTREAM_REFUSED');
  const chatty = createSocketServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'));
  const port = await portOf(t, chatty);
  t.is(await codeOf(ask(`http://127.0.0.1:${port}`)), 'UPSTREAM_NONSENSE');
  t.is(await codeOf(ask(`https://127.0.0.1:${port}`)), 'UPSTREAM_UNTRUSTED');
  const silent = createSocketServer((socket) => socket.on('error', () => {}).resume());
  t.is(await codeOf(ask(`http://127.0.0.1:${await portOf(t, silent)}`, 100)), 'UPSTREAM_TIMEOUT');
});

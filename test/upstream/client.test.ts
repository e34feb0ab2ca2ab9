// The client as the app sees it: a browser that never leaves.

import { createServer as createSecureServer } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';
import type { AppPlace } from '../../gateway/upstream/place.ts';
import { openClient, type Answered, type Unanswered } from '../../gateway/upstream/client.ts';
import { MAX_ANSWER_BYTES } from '../../gateway/upstream/exchange.ts';
import { headerValues, type Recorded } from '../support/upstream.ts';
import { clientOf, PUBLIC, soon, stageApp } from './stage.ts';

const get = (path: string) => ({ method: 'GET', url: new URL(path, PUBLIC) });
const post = (path: string, text = 'a=b') => ({
  method: 'POST',
  url: new URL(path, PUBLIC),
  body: { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(text) },
});

function answered(t: ExecutionContext, answer: Answered | Unanswered): Answered {
  t.is(answer.kind, 'answered', JSON.stringify(answer));
  if (answer.kind !== 'answered') throw new Error('not answered');
  return answer;
}

const seen = (requests: readonly Recorded[]): string[] => requests.map(({ method, url }) => `${method} ${url}`);

test('the app is told the public host, who the person is, and that it is reached by https', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => void response.end('hello'), [
    'Remote-User',
    'alice',
  ]);
  const answer = answered(t, await client.send(get('/a?b=c'), soon()));
  t.deepEqual([answer.statuses, answer.body.toString(), answer.url.href], [[200], 'hello', `${PUBLIC}/a?b=c`]);
  const [request] = app.requests;
  t.deepEqual(seen(app.requests), ['GET /a?b=c']);
  for (const [name, value] of [
    ['Host', 'wiki.example.com'],
    ['X-Forwarded-Host', 'wiki.example.com'],
    ['X-Forwarded-Proto', 'https'],
    ['Remote-User', 'alice'],
    ['User-Agent', 'curfew'],
  ] as const) {
    t.deepEqual(headerValues(request ?? { rawHeaders: [] }, name), [value]);
  }
  for (const name of ['Cookie', 'Referer', 'Origin', 'Content-Type', 'Content-Length', 'Transfer-Encoding']) {
    t.deepEqual(headerValues(request ?? { rawHeaders: [] }, name), []);
  }
});

test('what the caller says of the browser stands in place of our own words', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => void response.end(), ['user-agent', 'Mozilla/5.0']);
  await client.send(get('/'), soon());
  t.deepEqual(headerValues(app.requests[0] ?? { rawHeaders: [] }, 'User-Agent'), ['Mozilla/5.0']);
});

test('a form arrives whole, and says where it comes from', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => void response.end());
  await client.send({ ...post('/login'), from: new URL('/page?x', PUBLIC) }, soon());
  const [request] = app.requests;
  t.is(request?.body.toString(), 'a=b');
  t.deepEqual(headerValues(request ?? { rawHeaders: [] }, 'Content-Length'), ['3']);
  t.deepEqual(headerValues(request ?? { rawHeaders: [] }, 'Origin'), [PUBLIC]);
  t.deepEqual(headerValues(request ?? { rawHeaders: [] }, 'Referer'), [`${PUBLIC}/page?x`]);
});

test('cookies are taken at every redirect and sent from then on (RFC 6265 §5.2)', async (t) => {
  const { app, client, cookie } = await stageApp(t, ({ url }, response) => {
    const step = Number(url?.slice(1));
    response.setHeader('Set-Cookie', [`c${step}=1; Path=/`, `only${step}=1; Path=/${step}`]);
    if (step < 3) response.writeHead(302, { Location: `/${step + 1}` });
    response.end();
  });
  const answer = answered(t, await client.send(get('/1'), soon()));
  t.deepEqual(answer.statuses, [302, 302, 200]);
  t.deepEqual(
    app.requests.map((request) => headerValues(request, 'Cookie')),
    [[], ['c1=1'], ['c1=1; c2=1']],
  );
  t.is(cookie(), 'c1=1; c2=1; c3=1');
});

/** What follows a redirect with this status, from this method (RFC 9110 §15.4). */
for (const [status, method, next, body] of [
  [301, 'GET', 'GET', ''],
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [302, 'PUT', 'PUT', 'a=b'],
  [307, 'POST', 'POST', 'a=b'],
  [308, 'POST', 'POST', 'a=b'],
] as const) {
  test(`after ${method} a ${status} is followed by ${next} (RFC 9110 §15.4)`, async (t) => {
    const { app, client } = await stageApp(t, ({ url }, response) => {
      if (url === '/') response.writeHead(status, { Location: '/next' });
      response.end();
    });
    const call = method === 'GET' ? get('/') : { ...post('/'), method };
    answered(t, await client.send(call, soon()));
    t.deepEqual(seen(app.requests), [`${method} /`, `${next} /next`]);
    t.is(app.requests[1]?.body.toString(), body);
  });
}

for (const [what, location, next] of [
  ['a path', '/b?c=d', '/b?c=d'],
  ['a relative path', '../b', '/b'],
  ['a query alone', '?b', '/a/c?b'],
  ['its own public address', `${PUBLIC}/b`, '/b'],
  ['its public address by http, because it does not know better', 'http://wiki.example.com/b', '/b'],
  ['where it really is', 'UPSTREAM/b', '/b'],
  ['a path that begins with two slashes, there', `${PUBLIC}//evil.test/b`, '//evil.test/b'],
] as const) {
  test(`a redirect to ${what} is followed inside the app`, async (t) => {
    const { app, client } = await stageApp(t, ({ url, socket }, response) => {
      const upstream = `http://127.0.0.1:${socket.localPort ?? 0}`;
      if (url === '/a/c') response.writeHead(302, { Location: location.replace('UPSTREAM', upstream) });
      response.end();
    });
    const answer = answered(t, await client.send(get('/a/c'), soon()));
    t.deepEqual(seen(app.requests), ['GET /a/c', `GET ${next}`]);
    t.is(answer.url.origin, PUBLIC);
  });
}

for (const location of [
  'https://evil.test/',
  '//evil.test/',
  'https://wiki.example.com:9443/',
  'https://wiki.example.com.evil.test/',
  'https://wiki.example.com@evil.test/',
  'ftp://wiki.example.com/',
  'javascript:alert(1)',
  'http://127.0.0.1:1/',
  'https://[',
]) {
  test(`a redirect to ${location} leads out of the app and is not followed`, async (t) => {
    const { app, client } = await stageApp(t, (_request, response) => {
      response.writeHead(302, { Location: location }).end();
    });
    const answer = answered(t, await client.send(get('/'), soon()));
    t.deepEqual(answer.statuses, [302]);
    t.is(app.requests.length, 1);
  });
}

test('a redirect without Location is an answer (RFC 9110 §15.4)', async (t) => {
  const { client } = await stageApp(t, (_request, response) => void response.writeHead(302).end('here'));
  t.is(answered(t, await client.send(get('/'), soon())).body.toString(), 'here');
});

test('a circle of redirects ends', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => {
    response.writeHead(302, { Location: '/' }).end();
  });
  const answer = await client.send(get('/'), soon());
  t.like(answer, { kind: 'failed', reason: 'too-many-redirects' });
  t.is(app.requests.length, 6);
});

test('an answer of 2 MiB is read, a longer one is refused', async (t) => {
  const { client } = await stageApp(t, ({ url }, response) => {
    response.end(Buffer.alloc(MAX_ANSWER_BYTES + (url === '/long' ? 1 : 0)));
  });
  t.is(answered(t, await client.send(get('/'), soon())).body.length, MAX_ANSWER_BYTES);
  t.like(await client.send(get('/long'), soon()), { kind: 'failed', reason: 'too-long' });
});

test('an answer that nobody wants to read is let come to its end, however long it is', async (t) => {
  const written = Promise.withResolvers<boolean>();
  const { client } = await stageApp(t, (_request, response) => {
    response.on('close', () => written.resolve(response.writableFinished));
    response.end(Buffer.alloc(4 * MAX_ANSWER_BYTES));
  });
  const answer = answered(t, await client.send({ ...get('/'), wantsPage: false }, soon()));
  t.is(answer.body.length, 0);
  t.true(await written.promise);
});

test('an app that does not answer is left when the time is over, and its connection is closed', async (t) => {
  const { app, client } = await stageApp(t, () => {});
  const answer = await client.send(get('/'), AbortSignal.timeout(50));
  t.deepEqual(answer, { kind: 'failed', reason: 'timeout', statuses: [] });
  await app.idle();
  t.is(app.connections(), 0);
});

test('an app that never ends its answer is left when the time is over', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => void response.write('begun'));
  t.like(await client.send(get('/'), AbortSignal.timeout(50)), { kind: 'failed', reason: 'timeout' });
  await app.idle();
  t.is(app.connections(), 0);
});

test('time that is over before the call begins is over', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => void response.end());
  t.like(await client.send(get('/'), AbortSignal.abort()), { kind: 'failed', reason: 'timeout' });
  t.is(app.requests.length, 0);
});

/** A server of bare sockets: `treat` is given each, with its number. */
async function bareServer(t: ExecutionContext, treat: (socket: Socket, number: number) => void) {
  let connections = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    treat(socket, (connections += 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

test('a fetch whose connection breaks before an answer is tried once more, and no oftener (RFC 9110 §9.2.2)', async (t) => {
  const once = await bareServer(t, (socket, number) => {
    socket.once('data', () => {
      if (number === 1) socket.destroy();
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  t.is(answered(t, await clientOf(once.url).send(get('/'), soon())).body.toString(), 'ok');
  const always = await bareServer(t, (socket) => socket.once('data', () => socket.destroy()));
  t.like(await clientOf(always.url).send(get('/'), soon()), { kind: 'failed', reason: 'broken-off' });
  t.deepEqual([once.connections(), always.connections()], [2, 2]);
});

test('a form whose connection breaks is not sent twice: the app may have taken it (RFC 9110 §9.2.2)', async (t) => {
  const app = await bareServer(t, (socket) => socket.once('data', () => socket.destroy()));
  t.like(await clientOf(app.url).send(post('/'), soon()), { kind: 'failed', reason: 'broken-off' });
  t.is(app.connections(), 1);
});

test('what is answered and then breaks off is not asked for again', async (t) => {
  const app = await bareServer(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok'));
  });
  t.like(await clientOf(app.url).send(get('/'), soon()), { kind: 'failed', reason: 'broken-off' });
  t.is(app.connections(), 1);
});

for (const [what, bytes] of [
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
] as const) {
  test(`an app that answers with ${what} has failed`, async (t) => {
    const app = await bareServer(t, (socket) => socket.once('data', () => socket.end(bytes)));
    t.like(await clientOf(app.url).send(get('/'), soon()), { kind: 'failed', reason: 'broken-off' });
  });
}

test('where nobody listens the call is refused', async (t) => {
  const { app, client } = await stageApp(t, () => {});
  await app.close();
  t.deepEqual(await client.send(get('/'), soon()), { kind: 'failed', reason: 'refused', statuses: [] });
});

test('a header that cannot be sent fails the call and nothing else', async (t) => {
  const { app, client } = await stageApp(t, (_request, response) => void response.end(), ['X-Name', 'a\r\nX-Evil: b']);
  t.like(await client.send(get('/'), soon()), { kind: 'failed', reason: 'unsendable' });
  t.is(app.requests.length, 0);
});

test('an app by https is asked only where its certificate is trusted and names where it really is', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cert = selfSignedCertificate({ privateKey, commonName: 'localhost', notBefore: new Date(0), days: 30_000 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const names: unknown[] = [];
  const SNICallback = (name: string, done: (error: null) => void): void => {
    names.push(name);
    done(null);
  };
  const server = createSecureServer({ key, cert, SNICallback }, (_request, response) => {
    response.end('secret');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const at = (host: string, ca?: string) => {
    const { place, jar, clock } = clientOf(`https://${host}:${port}`);
    return openClient({ place: { ...place, tls: ca === undefined ? {} : { ca } }, jar, headers: [], clock }).send(
      get('/'),
      soon(),
    );
  };
  t.like(await at('localhost'), { kind: 'failed', reason: 'certificate' });
  t.like(await at('127.0.0.1', cert), { kind: 'failed', reason: 'certificate' });
  t.is(answered(t, await at('localhost', cert)).body.toString(), 'secret');
  t.deepEqual([...new Set(names)], ['localhost'], 'the public host in Host is not the name that is asked for');
});

test('an app that demands a client certificate is told goodbye with ours, under the name it has', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cert = selfSignedCertificate({ privateKey, commonName: 'wiki.internal', notBefore: new Date(0), days: 30_000 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const demanding = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true };
  const server = createSecureServer(demanding, (_request, response) => response.end('bye'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { place, jar, clock } = clientOf(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ask = (tls: AppPlace['tls']) =>
    openClient({ place: { ...place, tls }, jar, headers: [], clock }).send(get('/logout'), soon());
  const known = { ca: cert, servername: 'wiki.internal' };
  t.is(answered(t, await ask({ ...known, cert, key })).body.toString(), 'bye');
  t.is((await ask(known)).kind, 'failed');
});

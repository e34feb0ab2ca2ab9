import { generateKeyPairSync } from 'node:crypto';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';
import { codeOf, get, stage } from './stage.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const notBefore = new Date(Date.UTC(2020, 0, 1));
const certificateFor = (commonName: string): string =>
  selfSignedCertificate({ privateKey, commonName, notBefore, days: 36_500 });

const HANDSHAKE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** An app behind TLS with a certificate for `name`; notes the name each connection asks for, where it asks for one. */
async function tlsApp(t: ExecutionContext, name: string, asks: ServerOptions = {}) {
  const cert = certificateFor(name);
  const askedFor: string[] = [];
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const SNICallback = (asked: string, done: (error: null) => void): void => {
    askedFor.push(asked);
    done(null);
  };
  const server = createServer({ key, cert, SNICallback, ...asks }, (_request, response) => response.end('secret'));
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `https://localhost:${(server.address() as AddressInfo).port}`, cert, askedFor };
}

for (const [what, lines, expected] of [
  ['a request', '', /^HTTP\/1\.1 200 OK[^]*secret/],
  ['an upgrade', HANDSHAKE, /^HTTP\/1\.1 403 Forbidden[^]*nope/],
] as const) {
  test(`${what} reaches an app behind TLS under the name of its origin, whatever Host says`, async (t) => {
    const wiki = await tlsApp(t, 'localhost');
    const gateway = await stage(t, 0, { settings: { origin: wiki.origin, tls: { ca: wiki.cert } } });
    t.regex(await gateway.send(get('/', lines)).until(lines === '' ? 'secret' : 'nope'), expected);
    t.deepEqual(wiki.askedFor, ['localhost']);
  });

  test(`${what} does not reach an app whose certificate nobody trusts`, async (t) => {
    const wiki = await tlsApp(t, 'localhost');
    const gateway = await stage(t, 0, { settings: { origin: wiki.origin } });
    t.regex(await gateway.send(get('/', lines)).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
    t.is(codeOf(await gateway.outcome()), 'UPSTREAM_UNTRUSTED');
  });

  test(`${what} does not reach an app whose certificate is for the name in Host instead of its own`, async (t) => {
    const wiki = await tlsApp(t, 'wiki.example');
    const gateway = await stage(t, 0, { settings: { origin: wiki.origin, tls: { ca: wiki.cert } } });
    t.regex(await gateway.send(get('/', lines)).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
    t.is(codeOf(await gateway.outcome()), 'UPSTREAM_UNTRUSTED');
  });
}

/** A certificate of ours, and the server that takes nobody without it. */
const client = { cert: certificateFor('curfew'), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
const DEMANDING = { requestCert: true, rejectUnauthorized: true, ca: client.cert };

for (const [what, lines, expected] of [
  ['a request', '', /^HTTP\/1\.1 200 OK[^]*secret/],
  ['an upgrade', HANDSHAKE, /^HTTP\/1\.1 403 Forbidden[^]*nope/],
] as const) {
  test(`${what} reaches an app that demands a client certificate with ours, and without it does not`, async (t) => {
    const wiki = await tlsApp(t, 'localhost', DEMANDING);
    const { origin, cert: ca } = wiki;
    const known = await stage(t, 0, { settings: { origin, tls: { ca, ...client } } });
    t.regex(await known.send(get('/', lines)).until(lines === '' ? 'secret' : 'nope'), expected);
    const stranger = await stage(t, 0, { settings: { origin, tls: { ca } } });
    t.regex(await stranger.send(get('/', lines)).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  });

  test(`${what} reaches an app under the server name that is set, whose certificate must have it`, async (t) => {
    const wiki = await tlsApp(t, 'wiki.internal');
    const origin = wiki.origin.replace('localhost', '127.0.0.1');
    const right = await stage(t, 0, { settings: { origin, tls: { ca: wiki.cert, servername: 'wiki.internal' } } });
    t.regex(await right.send(get('/', lines)).until(lines === '' ? 'secret' : 'nope'), expected);
    t.deepEqual(wiki.askedFor, ['wiki.internal']);
    const wrong = await stage(t, 0, { settings: { origin, tls: { ca: wiki.cert, servername: 'chat.internal' } } });
    t.regex(await wrong.send(get('/', lines)).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  });
}

test('requests for several hosts share one connection behind TLS', async (t) => {
  const wiki = await tlsApp(t, 'localhost');
  const gateway = await stage(t, 0, { settings: { origin: wiki.origin, tls: { ca: wiki.cert } } });
  for (const host of ['one.example', 'two.example', '192.0.2.1']) {
    await gateway.send(get().replace('wiki.example', host)).until('secret');
  }
  t.is(wiki.askedFor.length, 1);
});

test('an app with an address instead of a name is asked for by no name at all (RFC 6066 §3)', async (t) => {
  const wiki = await tlsApp(t, 'wiki.example');
  const gateway = await stage(t, 0, {
    settings: { origin: wiki.origin.replace('localhost', '127.0.0.1'), tls: { ca: wiki.cert } },
  });
  for (const lines of ['', HANDSHAKE]) {
    t.regex(await gateway.send(get('/', lines)).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
    t.is(codeOf(await gateway.outcome()), 'UPSTREAM_UNTRUSTED');
  }
  t.deepEqual(wiki.askedFor, []);
});

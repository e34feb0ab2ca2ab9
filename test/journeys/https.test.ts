// `listen.https`: the certificate by the name asked for, swapped under way, and plain http that only shows the way.

import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { newSigner, writePairs } from '../support/certificates.ts';
import { needing } from '../support/needing.ts';
import { overTls } from '../support/over-tls.ts';
import { headerValues, startUpstream } from '../support/upstream.ts';

const law = needing('openssl');

/** A connection that has shaken hands, asking for `servername`, trusting `ca` alone. */
async function handshake(
  port: number,
  servername: string | undefined,
  ca: string,
  more: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connect({
    ...{ port, host: '127.0.0.1', ca, checkServerIdentity: () => undefined },
    ...(servername && { servername }),
    ...more,
  });
  await once(socket, 'secureConnect');
  return socket;
}

const subjectOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject['CN']);

/** One request for `host`, over TLS where there is somebody to trust. */
async function ask(port: number, host: string, path: string, ca?: string) {
  const target = { port, host: '127.0.0.1', path, agent: false, headers: { host } } as const;
  const asked =
    ca === undefined ? httpRequest(target) : httpsRequest({ ...target, ca, servername: host.split(':')[0] });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  await buffer(answer);
  return { status: answer.statusCode, headers: answer.headers };
}

law('each host is served with its own certificate, and who names none is shown the first', async (t) => {
  const signer = newSigner();
  const { port } = await overTls(t, { a: signer.sign(['login.test']), b: signer.sign(['wiki.test', 'chat.test']) });
  for (const [asked, subject] of [
    ['login.test', 'login.test'],
    ['chat.test', 'wiki.test'],
    [undefined, 'login.test'],
  ] as const) {
    const socket = await handshake(port, asked, signer.cert);
    t.is(subjectOf(socket), subject);
    socket.destroy();
  }
});

law('a certificate that is replaced is shown from then on, and a connection from before goes on', async (t) => {
  const signer = newSigner();
  const { scene, port, folder } = await overTls(t, { one: signer.sign(['login.test', 'wiki.test', 'chat.test']) });
  const before = await handshake(port, 'wiki.test', signer.cert);
  const old = before.getPeerCertificate().fingerprint256;
  writePairs(folder, { one: signer.sign(['login.test', 'wiki.test', 'chat.test']) });
  await scene.running.reread();
  for (const name of ['wiki.test', undefined]) {
    const after = await handshake(port, name, signer.cert);
    t.not(after.getPeerCertificate().fingerprint256, old);
    after.destroy();
  }
  before.write(`GET /public/a HTTP/1.1\r\nHost: wiki.test:${port}\r\nConnection: close\r\n\r\n`);
  const [answer] = (await once(before, 'data')) as [Buffer];
  t.regex(answer.toString(), /^HTTP\/1\.1 200 /);
  before.destroy();
});

law('TLS 1.1 is refused, 1.2 and 1.3 are taken', async (t) => {
  const signer = newSigner();
  const { port } = await overTls(t, { one: signer.sign(['login.test']) });
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await handshake(port, 'login.test', signer.cert, { minVersion: version, maxVersion: version });
    t.is(socket.getProtocol(), version);
    socket.destroy();
  }
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await t.throwsAsync(handshake(port, 'login.test', signer.cert, old), { message: /protocol version|unsupported/i });
});

law('plain http sends a known host to https, path and query as they are, and nobody anywhere else', async (t) => {
  const signer = newSigner();
  const { scene, port } = await overTls(t, { one: signer.sign(['wiki.test']) });
  const plain = scene.running.http.port;
  const answer = await ask(plain, 'WIKI.test:80', '//evil.example/a%2Fb?c=d');
  t.is(answer.status, 308);
  t.is(answer.headers.location, `https://wiki.test:${port}//evil.example/a%2Fb?c=d`);
  for (const host of ['evil.example', 'wiki.test.evil.example', 'wiki.test@evil.example', '']) {
    const { status, headers } = await ask(plain, host, '/');
    t.is(status, 404, host);
    t.is(headers.location, undefined);
  }
  t.is(scene.upstream.requests.length, 0);
});

law('over TLS the application is told so, and a stranger is sent to sign in over https', async (t) => {
  const signer = newSigner();
  const { scene, port } = await overTls(t, { one: signer.sign(['login.test', 'wiki.test']) });
  t.is((await ask(port, `wiki.test:${port}`, '/public/x', signer.cert)).status, 200);
  const [request] = scene.upstream.requests;
  t.deepEqual(request && headerValues(request, 'x-forwarded-proto'), ['https']);
  const refused = await ask(port, `wiki.test:${port}`, '/page', signer.cert);
  t.is(refused.status, 303);
  t.true(refused.headers.location?.startsWith(`https://login.test:${port}/saml/login?`));
  t.regex(String(refused.headers['set-cookie']), /^__Host-[^;]+;.*; Secure/);
});

law(
  'Strict-Transport-Security is on every answer over TLS, once, as the app says where it says (RFC 6797 §7.2)',
  async (t) => {
    const signer = newSigner();
    const upstream = await startUpstream((request, response) => {
      if (request.url?.includes('own') === true) response.setHeader('strict-transport-security', 'max-age=7');
      response.end();
    });
    t.teardown(() => upstream.close());
    const { scene, port } = await overTls(t, { one: signer.sign(['login.test', 'wiki.test']) }, ', hsts: 180d', {
      upstream,
    });
    for (const [host, path, value] of [
      ['wiki.test', '/public/x', 'max-age=15552000'],
      ['wiki.test', '/public/own', 'max-age=7'],
      ['wiki.test', '/page', 'max-age=15552000'],
      ['wiki.test', '/.curfew/nothing', 'max-age=15552000'],
      ['login.test', '/saml/metadata', 'max-age=15552000'],
    ] as const) {
      const { headers } = await ask(port, `${host}:${port}`, path, signer.cert);
      t.is(headers['strict-transport-security'], value, path);
    }
    const plain = await ask(scene.running.http.port, `wiki.test:${port}`, '/page');
    t.is(plain.headers['strict-transport-security'], undefined, 'not over http (RFC 6797 §7.2)');
  },
);

law('no Strict-Transport-Security unless it is set: it cannot be taken back', async (t) => {
  const signer = newSigner();
  const { port } = await overTls(t, { one: signer.sign(['login.test', 'wiki.test']) });
  for (const path of ['/public/x', '/page']) {
    const { headers } = await ask(port, `wiki.test:${port}`, path, signer.cert);
    t.is(headers['strict-transport-security'], undefined, path);
  }
});

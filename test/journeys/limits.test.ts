// What nobody should send: too long, too slow, garbage.

import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { mock } from 'node:test';
import test from 'ava';
import { openBrowser } from '../support/browser.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { post, postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { opened, raw, rawEnded, reasonOf, request, statusOf } from './raw.ts';

const portOf = ({ running }: Stage): number => running.http.port;
const LOGIN = ({ url }: Stage): string => `Host: ${new URL(url).host}`;
const KIB = 1024;

test.serial('a body that does not arrive within 30 seconds is given up, and its connection with it', async (t) => {
  const scene = await stage(t);
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const socket = opened(portOf(scene));
  socket.resume().write(`POST /saml/slo HTTP/1.1\r\n${LOGIN(scene)}\r\nContent-Length: 100\r\n\r\nSAMLRequest=`);
  let seconds = 0;
  // Its deadline begins when it has arrived, which takes some turns of the loop; each second takes one.
  for (; seconds < 600 && !socket.closed; seconds += 1) {
    await turn();
    mock.timers.tick(1000);
  }
  t.true(socket.closed);
  t.true(seconds >= 30, String(seconds));
});

test.serial('whoever is refused an upgrade hears why, and is let go of after five seconds', async (t) => {
  const scene = await stage(t, { gateway: 'limits: { connections: { perAddress: 1 } }' });
  const { host } = new URL(scene.at('wiki'));
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const socket = connect({ port: portOf(scene), host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  t.teardown(() => socket.destroy());
  let heard = '';
  socket.on('data', (chunk) => (heard += String(chunk)));
  const handshake = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\n${handshake.join('\r\n')}\r\n\r\n`);
  while (!socket.readableEnded) await turn();
  t.is(reasonOf(heard), 'SIGN_IN_NEEDED');
  // It leaves its own half open; there is no room for another meanwhile.
  const next = (): Promise<string> => raw(portOf(scene), request('GET', '/saml/metadata', [LOGIN(scene)]));
  mock.timers.tick(4999);
  t.is(await next(), '');
  mock.timers.tick(1);
  t.is(statusOf(await next()), 200);
});

for (const path of ['/saml/acs', '/saml/slo', '/saml/slo/soap']) {
  test(`a body over 256 KiB at ${path} is refused with 413, announced or not`, async (t) => {
    const scene = await stage(t);
    const body = `SAMLResponse=${'A'.repeat(300 * KIB)}`;
    const announced = await raw(portOf(scene), request('POST', path, [LOGIN(scene)], body));
    t.is(statusOf(announced), 413);
    t.is(reasonOf(announced), 'BODY_TOO_LONG');
    const head = request('POST', path, [LOGIN(scene), 'Transfer-Encoding: chunked']);
    const chunk = `${(64 * KIB).toString(16)}\r\n${'A'.repeat(64 * KIB)}\r\n`;
    const unannounced = await raw(portOf(scene), head + chunk.repeat(5) + '0\r\n\r\n');
    t.is(statusOf(unannounced), 413);
    // What is left of it is not read: the next bytes on this connection would be its own body.
    const claimed = await raw(
      portOf(scene),
      request('POST', path, [LOGIN(scene), 'Content-Length: 99999999']).replace('Connection: close\r\n', ''),
    );
    t.is(statusOf(claimed), 413);
    t.regex(claimed, /^Connection: close/im);
  });
}

test('a header over the limit is refused with 431, and the next request is answered', async (t) => {
  const scene = await stage(t);
  const long = await raw(portOf(scene), request('GET', '/', [LOGIN(scene), `Cookie: a=${'b'.repeat(40 * KIB)}`]));
  t.is(statusOf(long), 431);
  const target = await raw(
    portOf(scene),
    request('GET', `/saml/slo?SAMLRequest=${'A'.repeat(40 * KIB)}`, [LOGIN(scene)]),
  );
  t.is(statusOf(target), 431);
  const query = await raw(
    portOf(scene),
    request('GET', `/saml/slo?SAMLRequest=${'A'.repeat(20 * KIB)}`, [LOGIN(scene)]),
  );
  t.is(reasonOf(query), 'SAML_TOO_LARGE');
  t.is((await scene.browser().request(`${scene.url}/saml/metadata`)).status, 200);
});

const GARBAGE = [
  '',
  'SAMLResponse',
  'SAMLResponse=',
  'SAMLRequest=AAAA',
  'SAMLResponse=%',
  'SAMLResponse=%00%ff',
  'SAMLResponse=PHg+',
  'SAMLResponse=PHg+&RelayState=%c0%af',
  `SAMLRequest=${Buffer.from('<x'.repeat(5000)).toString('base64')}`,
  `SAMLResponse=${Buffer.from(`<a ${'b="c" '.repeat(200)}/>`).toString('base64')}`,
  `SAMLRequest=${Buffer.from('<a>'.repeat(2000) + '</a>'.repeat(2000)).toString('base64')}`,
  `SAMLResponse=${Buffer.from('<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>').toString('base64')}`,
  '<',
  '<x/>',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
  '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body/></S:Envelope>',
  '<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><x/></S:Body></S:Envelope>',
  '\ufeff  <x xmlns="\u0000"/>',
  '{"SAMLResponse":true}',
  '\u0000\u0001\u0002'.repeat(100),
  '&'.repeat(100_000),
  '='.repeat(100_000),
];

const OWN_POST = [
  '/saml/acs',
  '/saml/slo',
  '/saml/slo/soap',
  '/.curfew/logout',
  '/.curfew/enter',
  '/saml/login',
  '/saml/metadata',
];

test('garbage at every address of the gateway is refused as what it is: no fault of ours, and the person stays signed in', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const before = scene.upstream.requests.length;
  for (const path of OWN_POST) {
    for (const body of GARBAGE) {
      const { status, body: answer } = await post(`${scene.url}${path}`, body);
      // SOAP's own ways of saying that a message cannot be read (SOAP 1.1 §4.4.1, §6.2).
      const isFault =
        status === 500 &&
        /<faultcode>S:(?:Client|VersionMismatch|MustUnderstand)<\/faultcode>/.test(answer) &&
        body.includes('<');
      t.true(status < 500 || isFault, `${path} ${status} ${body.slice(0, 60)}`);
    }
  }
  const queries = [
    ...GARBAGE.slice(0, 8),
    'ticket=',
    'ticket=%00',
    'ticket=a&ticket=b',
    'app=%ff&return=%ff',
    'return=http://[',
    'return=//',
    `bind=${'a'.repeat(43)}&app=wiki`,
    'SAMLRequest=eJw&SigAlg=x&Signature=AAAA',
    'SAMLEncoding=x&SAMLRequest=AAAA',
    '%',
    '?',
    '&&&',
    `ticket=${'a'.repeat(9000)}`,
  ];
  const cookies = [
    'curfew=',
    `curfew=${'a'.repeat(43)}`,
    'curfew',
    '=;=;=',
    `curfew-browser=${'%'.repeat(43)}`,
    `curfew=${'a'.repeat(9000)}`,
  ];
  for (const path of [...OWN_POST, '/.curfew/session', '/.curfew', '/.curfew/', '/saml', '/saml/', '/.curfew/x']) {
    for (const query of queries) {
      for (const cookie of cookies.slice(0, query === 'ticket=' ? cookies.length : 1)) {
        const text = request('GET', `${path}?${query.replace(/[^\x21-\x7e]/g, '.')}`, [
          LOGIN(scene),
          `Cookie: ${cookie}`,
        ]);
        const status = statusOf(await raw(portOf(scene), text));
        t.true(status >= 200 && status < 500, `${path}?${query.slice(0, 60)} ${status}`);
      }
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const answer = await raw(portOf(scene), request(method, path, [LOGIN(scene)]));
      t.is(statusOf(answer), 404, `${method} ${path}`);
    }
  }
  t.deepEqual(
    scene.lines.filter(({ level }) => level === 'error'),
    [],
  );
  t.is(scene.upstream.requests.length, before);
  t.is((await browser.request(scene.at('wiki'))).status, 200);
});

test('bytes that are no HTTP are answered 400 or cut off, and stop nothing', async (t) => {
  const scene = await stage(t);
  const port = portOf(scene);
  for (const bytes of [
    'GARBAGE\r\n\r\n',
    Buffer.from('16030100a5010000a10303', 'hex'),
    Buffer.alloc(1000),
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET /\u0000 HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nA\u0000b: c\r\n\r\n',
    'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
    'CONNECT login.test:80 HTTP/1.1\r\nHost: login.test:80\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]) {
    const status = statusOf(await rawEnded(port, bytes));
    t.true(status === 0 || status === 400, `${bytes.toString().slice(0, 50)} ${status}`);
  }
  t.is((await scene.browser().request(`${scene.url}/saml/metadata`)).status, 200);
});

test('an upload whose sender waits for 100 reaches the application, and one that may not pass is refused before (RFC 9110 §10.1.1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const cookie = browser.cookies('wiki.test').map(({ name, value }) => `${name}=${value}`);
  const answer = await post(scene.at('wiki', '/upload'), 'content', {
    expect: '100-continue',
    cookie: cookie.join('; '),
  });
  t.is(answer.status, 200);
  t.is(scene.upstream.requests.at(-1)?.body.toString(), 'content');
  const head = `POST /upload HTTP/1.1\r\nHost: wiki.test\r\nExpect: 100-continue\r\nContent-Length: 9\r\nConnection: close\r\n\r\n`;
  const refused = await raw(portOf(scene), head);
  t.is(statusOf(refused), 401, 'asked for the body of a request that may not pass');
});

test('what is wrong with one request is not remembered by the next on the same connection', async (t) => {
  const scene = await stage(t);
  const browser = openBrowser();
  t.teardown(() => browser.close());
  for (let time = 0; time < 3; time += 1) {
    t.is((await browser.request(`${scene.url}/saml/acs`, { method: 'POST', body: 'x'.repeat(300 * KIB) })).status, 413);
    t.is((await browser.request(`${scene.url}/saml/metadata`)).status, 200);
  }
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
});

// A LogoutRequest beside those who flood the SAML addresses with what is dear to refuse (P1).

import test from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { post, postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { opened, raw, reasonOf, request, statusOf } from './raw.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const GARBAGE = `SAMLResponse=${Buffer.from(
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_a">${'<a b="" c=""/>'.repeat(1900)}</samlp:Response>`,
).toString('base64')}`;

const head = ({ url }: Stage, from: string): string[] => [
  `Host: ${new URL(url).host}`,
  `X-Forwarded-For: ${from}`,
  'Accept: application/json',
];

test('a LogoutRequest is answered while hundreds of the dearest Responses wait (P1)', async (t) => {
  const scene = await stage(t, { gateway: 'trustedProxies: [127.0.0.1]' });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  let answered = 0;
  const flood = Array.from({ length: 300 }, (_, at) =>
    post(`${scene.url}/saml/acs`, GARBAGE, { ...FORM, 'x-forwarded-for': `192.0.2.${at % 100}` }).then((answer) => {
      answered += 1;
      return answer;
    }),
  );
  await flood[0];
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  t.true(answered < 150, `${answered} of the flood were before it`);
  t.not((await alice.request(scene.at('wiki'))).status, 200);
  await scene.running.close(0);
  await Promise.allSettled(flood);
});

test('bodies that never come take room from their own address, and whoever takes most gives way (P1)', async (t) => {
  const scene = await stage(t, {
    gateway: 'trustedProxies: [127.0.0.1]\nlimits: { messages: { perAddress: 1MiB, all: 1MiB } }',
  });
  // Each announces 250 KiB: four fill the room of all strangers.
  const hanging = Array.from({ length: 4 }, () => {
    const socket = opened(scene.running.http.port).resume();
    t.teardown(() => socket.destroy());
    socket.write(
      request('POST', '/saml/acs', [...head(scene, '192.0.2.1'), `Content-Length: ${250 * 1024}`]) + 'SAMLResponse=',
    );
    return socket;
  });
  const another = () => raw(scene.running.http.port, request('POST', '/saml/acs', head(scene, '192.0.2.1'), GARBAGE));
  let refused = await another();
  while (statusOf(refused) !== 429) refused = await another();
  t.is(reasonOf(refused), 'MESSAGES_TOO_MANY');
  t.regex(refused, /^Retry-After: 2\r$/im);
  // One of theirs is given up for it.
  const closed = Promise.any(hanging.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  const large = GARBAGE + '&RelayState=' + 'a'.repeat(100 * 1024);
  const other = await raw(scene.running.http.port, request('POST', '/saml/acs', head(scene, '192.0.2.2'), large));
  t.not(statusOf(other), 429);
  await closed;
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
});

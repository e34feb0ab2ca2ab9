// A LogoutRequest that comes again: WSO2 sends the same bytes five times (P5).

import test from 'ava';
import { arrivedByPost } from '../../gateway/saml/bindings/receive.ts';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { stage, type Stage } from '../support/gateway.ts';
import {
  fieldsFor,
  formCodes,
  formFor,
  post,
  postSoap,
  redirectFor,
  signed,
  soapCodes,
  soapFor,
  SUCCESS,
} from '../support/logout-requests.ts';

const carriedOut = ({ audit }: Stage): boolean[] =>
  audit.flatMap((line) => (line.event === 'logout-request' ? [!line.repeated] : []));

test('the same LogoutRequest five times is answered Success five times and carried out once (P5)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const body = soapFor(scene, 'alice');
  for (let time = 0; time < 5; time += 1) {
    t.deepEqual(soapCodes(scene, await postSoap(scene, body)), SUCCESS);
    scene.clock.advance(48_000);
  }
  t.deepEqual(carriedOut(scene), [true, false, false, false, false]);
  t.is(scene.audit.filter(({ event }) => event === 'session-ended').length, 1);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('a repeated LogoutRequest does not end the session of a person who has signed in anew (P5)', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  const body = soapFor(scene, 'alice');
  await postSoap(scene, body);
  scene.clock.advance(1000);
  const anew = await scene.signedIn('alice', scene.at('wiki'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, body)), SUCCESS);
  t.is((await anew.request(scene.at('wiki'))).status, 200);
});

test('a LogoutRequest is still known after a restart (P5, P13)', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  const body = soapFor(scene, 'alice');
  await postSoap(scene, body);
  await scene.restart();
  scene.clock.advance(1000);
  const anew = await scene.signedIn('alice', scene.at('wiki'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, body)), SUCCESS);
  t.is((await anew.request(scene.at('wiki'))).status, 200);
});

test('the same LogoutRequest twice at the same moment is answered twice and carried out once (P5)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const body = soapFor(scene, 'alice');
  const answers = await Promise.all([postSoap(scene, body), postSoap(scene, body), postSoap(scene, body)]);
  for (const answer of answers) t.deepEqual(soapCodes(scene, answer), SUCCESS);
  t.deepEqual(carriedOut(scene).sort(), [false, false, true]);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('two of the same that pass the guard before either is begun are carried out once (P5)', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  const { serviceProvider, idpLogout } = scene.running.parts.doors;
  const arrived = arrivedByPost(Buffer.from(soapFor(scene, 'alice')), `${scene.url}/saml/slo/soap`);
  const message = await serviceProvider.inspect(arrived, undefined, scene.clock.now());
  if (message.kind !== 'LogoutRequest') return t.fail(message.kind);
  t.deepEqual(await Promise.all([idpLogout(message, 'one'), idpLogout(message, 'two')]), ['success', 'success']);
  t.deepEqual(carriedOut(scene).sort(), [false, true]);
});

for (const [what, send] of [
  [
    'SOAP',
    async (scene: Stage, id: string) => {
      const answer = await postSoap(scene, soapEnvelope(signed(scene, { ...fieldsFor(scene, 'bob'), id })));
      return {
        code: answer.headers['x-curfew'],
        said: answer.status === 200 ? soapCodes(scene, answer) : answer.status,
      };
    },
  ],
  [
    'Redirect',
    async (scene: Stage, id: string) => {
      const page = await scene.browser().request(redirectFor(scene, 'bob', { id }));
      return { code: page.headers['x-curfew'], said: page.status };
    },
  ],
] as const) {
  test(`an ID that comes again with other content, by ${what}, is refused and ends nothing (saml-core §1.3.4)`, async (t) => {
    const scene = await stage(t);
    await scene.signedIn('alice', scene.at('wiki'));
    const bob = await scene.signedIn('bob', scene.at('wiki'));
    const fields = fieldsFor(scene, 'alice');
    await postSoap(scene, soapEnvelope(signed(scene, fields)));
    const { code, said } = await send(scene, fields.id ?? '');
    t.is(code, 'SAML_ID_REUSED');
    t.deepEqual([said].flat(), what === 'SOAP' ? ['Requester'] : [302]);
    t.true(scene.audit.some((line) => line.event === 'refused' && line.code === 'SAML_ID_REUSED'));
    t.is((await bob.request(scene.at('wiki'))).status, 200);
  });
}

test('a form sent again in another tab is answered again (P5)', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  const body = formFor(scene, 'alice');
  for (let time = 0; time < 2; time += 1) {
    t.deepEqual(formCodes(scene, await post(`${scene.url}/saml/slo`, body)), SUCCESS);
  }
  t.deepEqual(carriedOut(scene), [true, false]);
});

import test from 'ava';
import { startChat } from '../demo/apps/chat.ts';
import { stage, signIn } from './support/gateway.ts';

test('stopping the gateway closes WebSockets that are still open with 1001 (RFC 6455 §7.4.1)', async (t) => {
  const chat = await startChat({ port: 0 });
  const policy = `app: chat\nhosts: [chat.test]\nupstream: ${chat.url}\naccess: [{ allow: authenticated }]\n`;
  const scene = await stage(t, { apps: { chat: policy } });
  t.teardown(() => chat.close());
  const browser = scene.browser();
  await signIn(browser, 'alice', scene.at('chat'));
  const socket = await browser.openWebSocket(scene.at('chat', '/socket'));
  t.teardown(() => socket.close());
  await scene.running.close(0);
  t.is((await socket.closed).code, 1001);
});

test('a stop writes how many refusals have no audit line of their own; metrics count every one', async (t) => {
  const scene = await stage(t, { elapsed: () => 0 });
  const { audit } = scene.running.parts.doors;
  for (let sent = 0; sent < 1000; sent += 1)
    audit.record({ event: 'refused', what: 'message', code: 'SAML_MALFORMED' });
  const counted = await scene.running.own.metrics();
  await scene.running.close(0);
  const lines = scene.audit.filter(({ event }) => event === 'refused' || event === 'summed-up');
  t.is(lines.length, 602);
  t.like(lines.at(-1), { event: 'summed-up', times: 399 });
  const refusals = counted.find(({ name }) => name === 'curfew_refusals_total');
  t.like(refusals?.values, [{ value: 1000 }]);
});

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

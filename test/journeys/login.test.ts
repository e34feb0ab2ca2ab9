// Signing in, over real sockets: from an application's page through the identity provider and back.

import test from 'ava';
import { startUpstream, headerValues } from '../support/upstream.ts';
import { signIn, stage } from '../support/gateway.ts';

test('a person who opens an application is signed in at the identity provider and comes back to the page', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream });
  const browser = scene.browser();
  const page = await signIn(browser, 'alice', scene.at('wiki', '/page?x=1'));
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/page?x=1'));
  const [request] = upstream.requests;
  t.is(request?.url, '/page?x=1');
  t.deepEqual(request && headerValues(request, 'remote-user'), ['alice@example.test']);
});

// A browser that opens its tabs again signs in in all of them at once.

import test from 'ava';
import type { NameId } from '../../gateway/kernel/words.ts';
import type { VerifiedResponse } from '../../gateway/saml/guard/message.ts';
import { stage } from '../support/gateway.ts';

test('of several Responses that one browser brings at once one session is left, or a sign-out would leave the others alive (P10)', async (t) => {
  const scene = await stage(t);
  const { signIn, sessions, serviceProvider } = scene.running.parts.doors;
  const idp = serviceProvider.identityProvider('corp');
  const nameId: NameId = { value: 'alice@example.test' };
  const response = (id: string) =>
    ({
      kind: 'Response',
      id,
      idp,
      identity: {
        idp: 'corp',
        nameId,
        sessionIndexes: [id],
        attributes: new Map<string, string[]>(),
        authnInstant: scene.clock.now(),
      },
      request: { idp: 'corp', browser: 'one', app: 'wiki', returnTo: scene.at('wiki'), bind: undefined },
      sessionNotOnOrAfter: undefined,
      relayState: undefined,
    }) as unknown as VerifiedResponse;
  const tabs = ['first', 'second', 'third'];
  await Promise.all(tabs.map((id) => signIn.finish(response(id), { browser: 'one', earlier: undefined }, id)));
  t.is(await sessions.count(), 1);
});

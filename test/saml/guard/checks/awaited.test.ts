import test from 'ava';
import { openBench, trusted } from '../../support.ts';

const bench = await openBench();

test('a LogoutResponse to a LogoutRequest of ours is accepted (saml-core §3.2.2)', async (t) => {
  t.is(await bench.verdict(bench.logoutResponse()), 'accepted');
});

test('a LogoutResponse to nothing we sent is refused, and so is one that answers nothing', async (t) => {
  t.is(await bench.verdict(bench.logoutResponse({ fields: { inResponseTo: '_never-sent' } })), 'SAML_UNAWAITED');
  t.is(await bench.verdict(bench.logoutResponse({ fields: { inResponseTo: undefined } })), 'SAML_UNAWAITED');
});

test('another identity provider’s LogoutResponse is refused and uses up nothing', async (t) => {
  const fresh = await openBench();
  const arrived = fresh.logoutResponse();
  t.is(await fresh.verdict(arrived, {}, [trusted([fresh.keys], { name: 'another' })]), 'SAML_UNAWAITED');
  t.is(await fresh.verdict(arrived), 'accepted');
});

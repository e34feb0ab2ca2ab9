import test from 'ava';
import type { EpochMs } from '../../../../gateway/kernel/words.ts';
import { endpoint, setUp } from '../../our-side.ts';
import { lawsOf } from '../../laws.ts';
import { NOW, openBench, trusted } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const validUntil = (at: number) => ({ idps: [trusted([bench.keys], { validUntil: at as EpochMs })] });

accepts('while metadata is valid its keys are believed', () => bench.response(), validUntil(NOW + 1));
refuses(
  'SAML_METADATA_EXPIRED',
  'nobody is signed in by keys of metadata that is over (saml-metadata §2.3.2)',
  () => bench.response(),
  validUntil(NOW),
);
accepts(
  'a logout is taken even then: to refuse it would keep people signed in',
  () => bench.logoutRequest(),
  validUntil(NOW),
);

test('nobody is sent to sign in where the answer would be refused', (t) => {
  const { sp, idp } = setUp([endpoint('post', 'slo')]);
  t.truthy(sp.signInRequest(idp, NOW));
  t.throws(() => sp.signInRequest({ ...idp, validUntil: NOW }, NOW), { message: 'SAML_METADATA_EXPIRED' });
});

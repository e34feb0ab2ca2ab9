import test from 'ava';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import { signOnOf, sufficient, type SignOnSettings } from '../../gateway/saml/sign-on.ts';

const ORDER = ['urn:password', 'urn:card', 'urn:mfa'];
const NOW = 7 as EpochMs;
const SETTINGS: SignOnSettings = {
  ...{ binding: 'auto', responseBinding: 'post', force: false, contexts: [], comparison: 'exact', order: [] },
  ...{ nameIdFormat: undefined, allowCreate: true },
};
const asked = (comparison: SignOnSettings['comparison'], ...contexts: string[]) =>
  sufficient({ contexts, comparison }, ORDER);

test('what an answer may carry follows from the comparison and the order of contexts (saml-core §3.3.2.2.1)', (t) => {
  t.deepEqual(asked('exact', 'urn:x'), ['urn:x']);
  t.deepEqual(asked('minimum', 'urn:card'), ['urn:card', 'urn:mfa']);
  t.deepEqual(asked('minimum', 'urn:mfa', 'urn:card'), ['urn:card', 'urn:mfa']);
  t.deepEqual(asked('better', 'urn:password', 'urn:card'), ['urn:mfa']);
  t.deepEqual(asked('maximum', 'urn:card'), ['urn:password', 'urn:card']);
  t.deepEqual(asked('maximum'), []);
});

test('a rule’s contexts take the place of the settings’ and are meant exactly', (t) => {
  const settings = { ...SETTINGS, contexts: ['urn:password'], comparison: 'minimum', order: ORDER } as const;
  const { wishes, expects } = signOnOf(settings, { contexts: ['urn:mfa'], force: false }, false, NOW);
  t.deepEqual([wishes.contexts, wishes.comparison, expects.contexts], [['urn:mfa'], 'exact', ['urn:mfa']]);
  t.deepEqual(signOnOf(settings, { contexts: [], force: false }, false, NOW).expects.contexts, ORDER);
});

test('a sign-in anew is asked for where the settings or a rule want it, and never without the person (saml-core §3.4.1)', (t) => {
  const forced = (setting: boolean, force: boolean, passive = false) => {
    const { wishes, expects } = signOnOf({ ...SETTINGS, force: setting }, { contexts: [], force }, passive, NOW);
    t.is(wishes.force, expects.forcedAt !== undefined, 'asked and held to it, or neither');
    return expects.forcedAt;
  };
  t.is(forced(true, false), NOW);
  t.is(forced(false, true), NOW);
  t.is(forced(false, false), undefined);
  t.is(forced(true, true, true), undefined);
});

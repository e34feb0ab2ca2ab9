import test from 'ava';
import { decide } from '../../gateway/policy/decide.ts';
import type { Allow, AppPolicy } from '../../gateway/policy/settings.ts';
import { compileTable, type CompiledApp } from '../../gateway/policy/table.ts';
import type { EpochMs, Identity } from '../../gateway/kernel/words.ts';
import { anApp, person, read } from './people.ts';

const NOW = 0 as EpochMs;
const ADMINS: Allow = { kind: 'attributes', required: [['groups', ['admins', 'root']]] };
const WIKI: AppPolicy['access'] = [
  { paths: ['/public/**', '/favicon.ico'], allow: { kind: 'anyone' } },
  { paths: ['/admin/**'], allow: ADMINS },
  { allow: { kind: 'authenticated' } },
];

const compiled = (access: AppPolicy['access']): CompiledApp => {
  const found = compileTable([anApp(access)]).find('wiki.example.com', '/');
  if (found === undefined || found === 'ambiguous') throw new Error('no app');
  return found;
};
const outcome = (access: AppPolicy['access'], target: string, who?: Identity, method = 'GET'): string => {
  const decision = decide(compiled(access), read(target), method, who, NOW);
  return decision.outcome === 'pass' ? decision.reason : decision.outcome === 'forbidden' ? decision.code : 'sign-in';
};

const MFA = 'urn:mfa';
const strong = (idp = 'corp'): Identity => ({ ...person({ groups: ['admins'] }, idp), authnContext: MFA });

test('a rule with contexts lets those in who signed in by one of them, and sends the others to do so', (t) => {
  const rules: AppPolicy['access'] = [
    { paths: ['/admin/**'], authnContext: ['urn:x', MFA], allow: ADMINS },
    ...WIKI.slice(2),
  ];
  const decided = (who?: Identity) => decide(compiled(rules), read('/admin/x'), 'GET', who, NOW);
  t.is(decided().outcome, 'sign-in');
  t.is(decided(strong()).outcome, 'pass');
  t.is(decided(strong('another')).outcome, 'sign-in', 'signed in somewhere else');
  t.deepEqual(decided(person({ groups: ['admins'] })), { outcome: 'step-up', contexts: ['urn:x', MFA], force: false });
  t.is(
    decided(person({ groups: ['staff'] })).outcome,
    'forbidden',
    'nobody is sent to sign in for what they may not see',
  );
});

test('a rule with forceAuthnAfter lets those in who signed in no longer ago, by a clock that is ahead or behind', (t) => {
  const rules: AppPolicy['access'] = [
    { paths: ['/a/b'], forceAuthnAfterMs: 300_000, allow: { kind: 'authenticated' } },
    { authnContext: [MFA], allow: { kind: 'authenticated' } },
  ];
  const decided = (target: string, age: number, who: Identity = person()) =>
    decide(compiled(rules), read(target), 'GET', { ...who, authnInstant: -age as EpochMs }, NOW);
  t.is(decided('/a/b', 299_999).outcome, 'pass');
  t.is(decided('/a/b', -180_000).outcome, 'pass');
  t.deepEqual(decided('/a/b', 300_000), { outcome: 'step-up', contexts: [], force: true });
  t.deepEqual(decided('/a/b', -300_000), { outcome: 'step-up', contexts: [], force: true });
  t.is(decided('/c', 300_000, strong()).outcome, 'pass', 'what no rule wants anew');
  // Read as /a/b it wants a sign-in anew, and as one segment a context: both at once, also where one is there already.
  t.deepEqual(decided('/a%2Fb', 300_000), { outcome: 'step-up', contexts: [MFA], force: true });
  t.deepEqual(decided('/a%2Fb', 300_000, strong()), { outcome: 'step-up', contexts: [MFA], force: true });
  t.deepEqual(decided('/a%2Fb', 0), { outcome: 'step-up', contexts: [MFA], force: false });
});

test('of two readings with different contexts both must be content, and where that cannot be the answer is no', (t) => {
  const rules = (one: string[], other: string[]): AppPolicy['access'] => [
    { paths: ['/a/b'], authnContext: one, allow: { kind: 'authenticated' } },
    { authnContext: other, allow: { kind: 'authenticated' } },
  ];
  const decided = (one: string[], other: string[], who = person()) =>
    decide(compiled(rules(one, other)), read('/a%2Fb'), 'GET', who, NOW);
  t.deepEqual(decided([MFA, 'urn:x'], ['urn:y', MFA]), { outcome: 'step-up', contexts: [MFA], force: false });
  t.is(decided([MFA], ['urn:y']).outcome, 'forbidden');
  t.is(
    decided([MFA], ['urn:y'], strong()).outcome,
    'forbidden',
    'nor once one of them is there: it would go to and fro',
  );
});

test('the first rule that matches decides', (t) => {
  t.is(outcome(WIKI, '/public/a.css'), 'anyone');
  t.is(outcome(WIKI, '/page'), 'sign-in');
  t.is(outcome(WIKI, '/page', person()), 'authenticated');
  t.is(outcome(WIKI, '/admin/x', person()), 'ACCESS_DENIED');
  t.is(outcome(WIKI, '/admin', person({ groups: ['staff', 'root'] })), 'attributes');
  t.is(outcome([{ allow: { kind: 'nobody' } }, { allow: { kind: 'anyone' } }], '/', person()), 'ACCESS_DENIED');
});

test('what no rule matches is refused, with and without a session (P12)', (t) => {
  const access: AppPolicy['access'] = [{ paths: ['/a'], allow: { kind: 'authenticated' } }];
  t.is(outcome(access, '/b'), 'NO_RULE');
  t.is(outcome(access, '/b', person()), 'NO_RULE');
  t.is(outcome([], '/b', person()), 'NO_RULE');
});

test('every attribute named must be there with one of its values', (t) => {
  const both: Allow = {
    kind: 'attributes',
    required: [
      ['groups', ['a', 'b']],
      ['site', ['x']],
    ],
  };
  const access: AppPolicy['access'] = [{ allow: both }];
  t.is(outcome(access, '/', person({ groups: ['b'], site: ['x'] })), 'attributes');
  t.is(outcome(access, '/', person({ groups: ['b'] })), 'ACCESS_DENIED');
  t.is(outcome(access, '/', person({ groups: ['B'], site: ['x'] })), 'ACCESS_DENIED');
  t.is(outcome(access, '/', person({ groups: [], site: ['x'] })), 'ACCESS_DENIED');
  t.is(outcome(access, '/'), 'sign-in');
});

test('an attribute called like a property of every object is only an attribute', (t) => {
  const access: AppPolicy['access'] = [{ allow: { kind: 'attributes', required: [['constructor', ['Object']]] } }];
  t.is(outcome(access, '/', person()), 'ACCESS_DENIED');
  t.is(outcome(access, '/', person({ constructor: ['Object'] })), 'attributes');
});

test('a NameID is compared letter by letter', (t) => {
  const access: AppPolicy['access'] = [{ allow: { kind: 'nameIds', values: ['ada'] } }];
  t.is(outcome(access, '/', person()), 'nameIds');
  t.is(outcome(access, '/', person({}, 'corp', 'Ada')), 'ACCESS_DENIED');
  t.is(outcome(access, '/'), 'sign-in');
});

test('who signed in at another identity provider is a stranger to the app (P11)', (t) => {
  t.is(outcome(WIKI, '/admin', person({ groups: ['admins'] }, 'other')), 'sign-in');
  t.is(outcome(WIKI, '/page', person({}, 'other')), 'sign-in');
  t.is(outcome(WIKI, '/public/x', person({}, 'other')), 'anyone');
});

test('a rule for GET is one for HEAD and for nothing else (RFC 9110 §9.3.2)', (t) => {
  const access: AppPolicy['access'] = [{ methods: ['GET'], allow: { kind: 'anyone' } }];
  t.is(outcome(access, '/', undefined, 'GET'), 'anyone');
  t.is(outcome(access, '/', undefined, 'HEAD'), 'anyone');
  t.is(outcome(access, '/', undefined, 'POST'), 'NO_RULE');
});

test('of several readings the strictest wins', (t) => {
  t.is(outcome(WIKI, '/public;/admin'), 'sign-in');
  t.is(outcome(WIKI, '/public%2Fx', person()), 'authenticated');
  t.is(outcome(WIKI, '/favicon.ico;x', person()), 'authenticated');
  t.is(outcome(WIKI, '/admin;x/a', person()), 'ACCESS_DENIED');
  t.is(outcome(WIKI, '/ad%6Din/a', person()), 'ACCESS_DENIED');
  t.is(outcome(WIKI, '/admin%2Fa', person()), 'ACCESS_DENIED');
  t.is(outcome(WIKI, '//admin/a', person()), 'ACCESS_DENIED');
  t.is(outcome(WIKI, '/group%2Fproject', person()), 'authenticated');
});

test('capitals neither open nor close a door that is shut or open in small letters', (t) => {
  t.is(outcome(WIKI, '/ADMIN/x', person()), 'ACCESS_DENIED');
  t.is(outcome(WIKI, '/Public/x'), 'sign-in');
  const capital: AppPolicy['access'] = [
    { paths: ['/Admin/**'], allow: { kind: 'nobody' } },
    { allow: { kind: 'anyone' } },
  ];
  for (const path of ['/Admin', '/admin', '/aDMIN/x']) t.is(outcome(capital, path), 'ACCESS_DENIED', path);
  t.is(outcome(capital, '/Other'), 'anyone');
});

test('a composed and a decomposed letter are one letter to a rule', (t) => {
  const access: AppPolicy['access'] = [
    { paths: ['/cafe\u0301/**'], allow: { kind: 'nobody' } },
    { allow: { kind: 'anyone' } },
  ];
  t.is(outcome(access, '/caf%C3%A9/x'), 'ACCESS_DENIED');
  t.is(outcome(access, '/cafe%CC%81/x'), 'ACCESS_DENIED');
});

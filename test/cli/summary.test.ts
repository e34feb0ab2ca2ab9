// The line that says at start what was concluded.

import test from 'ava';
import { digestOf, summaryOf } from '../../gateway/cli/summary.ts';
import { configured, GATEWAY, load, SECRET } from '../config/folder.ts';

const yaml = (more: string, user = 'curfew:hidden-word') =>
  `${GATEWAY}  store: redis://${user}@redis.example.com:6379/0\n${more}`;
const TOKEN = 'a-token-of-thirty-two-characters';

test('the summary names what was concluded, and nothing that is secret', (t) => {
  const configuration = configured(load(t, { 'policies/gateway.yaml': yaml(`admin: { token: ${TOKEN} }\n`) }));
  const summary = summaryOf(configuration);
  t.like(summary, {
    publicUrl: 'https://login.example.com',
    adminAsksForToken: true,
    store: 'redis single redis.example.com:6379',
    auditedTo: 'log',
  });
  t.is(summary.apps[0]?.app, 'wiki');
  const text = JSON.stringify(summary);
  for (const secret of [SECRET, TOKEN, 'hidden-word', 'PRIVATE KEY']) t.false(text.includes(secret), secret);
});

test('the digest is another for another rule or certificate, and the same for another secret', (t) => {
  const one = configured(load(t, { 'policies/gateway.yaml': yaml('') }));
  const { sessions, apps } = one;
  t.is(digestOf({ ...one, admin: { token: TOKEN }, sessions: { ...sessions, secrets: ['x'] } }), digestOf(one));
  t.not(digestOf({ ...one, sessions: { ...sessions, idleMs: 1 } }), digestOf(one));
  const [pair = { key: '', cert: '' }] = one.saml.keys;
  const withPair = (changed: Partial<typeof pair>) => ({
    ...one,
    saml: { ...one.saml, keys: [{ ...pair, ...changed }] },
  });
  t.is(digestOf(withPair({ key: 'x' })), digestOf(withPair({})));
  t.is(digestOf({ ...one, jwt: { keys: ['x'] } }), digestOf({ ...one, jwt: { keys: ['y'] } }));
  t.not(digestOf(withPair({ cert: 'x' })), digestOf(withPair({})));
  t.not(digestOf({ ...one, apps: apps.map((app) => ({ ...app, access: [] })) }), digestOf(one));
});

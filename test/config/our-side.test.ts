import test from 'ava';
import { loadOurSide } from '../../gateway/config/load.ts';
import { load } from './folder.ts';

test('our own side is to be had before the identity provider’s metadata and the apps are there', (t) => {
  const { dir } = load(t, {
    'certs/corp-idp.xml': undefined,
    'certs/session.secret': undefined,
    'policies/wiki.yaml': undefined,
  });
  const ours = loadOurSide(dir, {});
  if ('faults' in ours) return t.fail(JSON.stringify(ours.faults));
  t.is(ours.publicUrl, 'https://login.example.com');
  t.is(ours.saml.entityId, 'https://login.example.com/saml/metadata');
  return t.is(ours.saml.keys.length, 1);
});

test('what our own side needs is still a fault, and nothing else is named', (t) => {
  const { dir } = load(t, { 'certs/sp.crt': undefined, 'certs/corp-idp.xml': undefined });
  const ours = loadOurSide(dir, {});
  t.deepEqual('faults' in ours ? ours.faults.map(({ key }) => key) : [], ['saml.keys[0].cert']);
});

test('a folder without gateway.yaml says so', (t) => {
  const { dir } = load(t, { 'policies/gateway.yaml': undefined });
  const ours = loadOurSide(dir, {});
  t.regex('faults' in ours ? (ours.faults[0]?.message ?? '') : '', /is missing; write at least publicUrl/);
});

import test from 'ava';
import { compileTable, hostName } from '../../gateway/policy/table.ts';
import type { AppPolicy } from '../../gateway/policy/settings.ts';
import { anApp, read } from './people.ts';

const open: AppPolicy['access'] = [{ allow: { kind: 'anyone' } }];
const host = (name: string): AppPolicy['hosts'] => [{ name, port: undefined }];
const table = compileTable([
  anApp(open, { app: 'root' }),
  anApp(open, { app: 'docs', path: '/docs' }),
  anApp(open, { app: 'old', path: '/docs/old' }),
  anApp(open, { app: 'caps', path: '/Caps' }),
  anApp(open, { app: 'six', hosts: host('[::1]') }),
  anApp(open, { app: 'part', hosts: host('part.example.com'), path: '/part' }),
]);
const found = (host: string | undefined, target: string): string | undefined => {
  const result = table.find(host, read(target));
  return typeof result === 'object' ? result.app.app : result;
};

test('the longest path that ends at a segment wins', (t) => {
  t.is(found('wiki.example.com', '/'), 'root');
  t.is(found('wiki.example.com', '/docs'), 'docs');
  t.is(found('wiki.example.com', '/docs/'), 'docs');
  t.is(found('wiki.example.com', '/docs/older'), 'docs');
  t.is(found('wiki.example.com', '/docs/old/x'), 'old');
  t.is(found('wiki.example.com', '/docsy'), 'root');
});

test('a host is found in any spelling a browser may use', (t) => {
  for (const host of [
    'wiki.example.com',
    'WIKI.example.com',
    'wiki.example.com:8443',
    'wiki.example.com.',
    'wiki.example.com.:80',
    'wiki.example.com:',
  ]) {
    t.is(found(host, '/'), 'root', host);
  }
  t.is(found('[::1]:8080', '/'), 'six');
  t.is(found('[::1]', '/'), 'six');
});

test('a host or path that nobody claims belongs to no app', (t) => {
  for (const host of [
    undefined,
    '',
    'example.com',
    'x.wiki.example.com',
    'wiki.example.com@evil',
    'wiki.example.com, evil',
    'wiki.example.com/',
    '__proto__',
    '::1',
  ]) {
    t.is(found(host, '/'), undefined, host);
  }
  t.is(found('part.example.com', '/'), undefined);
  t.is(found('part.example.com', '/party'), undefined);
  t.is(found('part.example.com', '/part'), 'part');
});

test('readings that belong to different apps are ambiguous', (t) => {
  for (const target of [
    '//docs/x',
    '/docs%2Fx',
    '/docs;x/y',
    '/x%2f..docs/y'.replace('..', ''),
    '/DOCS/x',
    '/caps',
    '/docs%2Fold',
    '/docs./x',
  ]) {
    t.is(found('wiki.example.com', target), target === '/x%2fdocs/y' ? 'root' : 'ambiguous', target);
  }
  t.is(found('wiki.example.com', '/Caps/x'), 'caps');
});

test('a host is lower case, without port and trailing dot', (t) => {
  t.is(hostName('A.Example:80'), 'a.example');
  t.is(hostName('[FE80::1]:80'), '[fe80::1]');
  for (const wrong of ['', ':80', 'a b', 'a:b', 'a:80:80', '[::1', 'a\u0000']) t.is(hostName(wrong), undefined, wrong);
});

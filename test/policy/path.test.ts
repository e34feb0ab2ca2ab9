import test from 'ava';
import { everyReading, originForm, ownPath, readings } from '../../gateway/policy/path.ts';

for (const plain of ['/', '/a', '/a/b.css', '/wiki/Main_Page', "/a~b!$&'()*+,=:@c/d-e", '/a/v1.2.3/x']) {
  test(`the plain path ${plain} has one reading, itself`, (t) => {
    t.is(readings(plain), plain as `/${string}`);
    t.is(readings(`${plain}?q=..%2f\\#`), plain as `/${string}`);
  });
}

const AMBIGUOUS: Record<string, string[]> = {
  'a dot segment': ['/..', '/a/..', '/a/../b', '/./a', '/a/.', '/a/.../b', '/a/.%20/b', '/a/%20../b'],
  'an encoded dot segment': ['/%2e%2e/a', '/a/.%2E/b', '/%2e', '/a%2f..%2fb', '/a/..%2Fb', '/a%2f.'],
  'a dot segment with parameters': ['/..;/a', '/a/..;x=1/b', '/a/.;/b', '/a/..%3b/b', '/a/%2e%2e;x/b', '/a/;/../b'],
  'a doubly encoded dot segment': ['/%252e%252e/a', '/a/%252e./b', '/a/..%252fb', '/a/%25%32%65%25%32%65/b'],
  'three layers of encoding': ['/%25252e/a', '/a%25252fb'],
  'a backslash': ['/a\\b', '/a%5cb', '/a%5Cb', '/a%255cb', '/..\\a', '/a%EF%BC%BCb'],
  'a control character': ['/a%00', '/a%00.css', '/%0d%0aX:y', '/a\tb', '/a\u007fb', '/a%7f', '/a%2500', '/a%09/b'],
  'a fragment': ['/a#b', '/#'],
  'overlong or broken UTF-8': [
    '/%c0%ae%c0%ae/a',
    '/%c0%af',
    '/%e0%80%af',
    '/%ff',
    '/a%c3',
    '/%ed%a0%80',
    '/a\u00ffb',
    '/\u00c3',
  ],
  'a character beyond one byte': ['/\u0142', '/\u2024\u2024/a'],
  'a dot, slash or percent sign in disguise': ['/%ef%bc%8e%ef%bc%8e/a', '/%E2%80%A4%E2%80%A4/a', '/%ef%bc%852e/a'],
  "IIS's own escape or a stream name": ['/%u002e%u002e/a', '/%u0061dmin', '/a::$DATA', '/a:$i30:$INDEX_ALLOCATION/b'],
  'another form than origin-form': ['*', '', 'a', 'http://h/a', 'h:443', 'https://h', '?x', 'ambiguous'],
  'more than 8 KiB': [`/${'a'.repeat(8192)}`, `/${'a'.repeat(9000)}?x`],
  'too many readings': ['//h/a%252fb%2fc;d=1/e.//%EF%BC%A1/g%3fh'],
  'long readings, and many of them': [`/${'%23;//a.%20/%EF%BC%8Fb'.repeat(350)}`, `//${'a;b=c//d.%20/'.repeat(600)}`],
};
for (const [what, targets] of Object.entries(AMBIGUOUS)) {
  test(`a path with ${what} is refused`, (t) => {
    for (const target of targets) t.is(readings(target), 'ambiguous', target);
  });
}

for (const [target, expected] of [
  ['/a%20b', ['/a b']],
  ['/caf%C3%A9', ['/café']],
  ['/caf\u00c3\u00a9', ['/café']],
  ['/100%/a', ['/100%/a']],
  ['/50%off', ['/50%off']],
  ['/a%2Fb', ['/a/b', '/a%2Fb']],
  ['/a%2fb', ['/a/b', '/a%2Fb']],
  ['/a;x=1/b', ['/a;x=1/b', '/a/b']],
  ['/a//b', ['/a//b', '/a/b']],
  ['//host/b', ['//host/b', '/b', '/host/b']],
  ['/a%253d', ['/a%3d', '/a=']],
  ['/a%2Fb%253d', ['/a%2Fb%3d', '/a/b%3d', '/a/b=']],
  ['/a%3fb', ['/a?b', '/a']],
  ['/a./b', ['/a./b', '/a/b']],
  ['/a%20/b', ['/a /b', '/a/b']],
  ['/.well-known/x', ['/.well-known/x']],
  ['/..a/b', ['/..a/b']],
] as [string, string[]][]) {
  test(`${target} is read as ${expected.join(' and as ')}`, (t) => {
    const found = readings(target);
    t.deepEqual(found === 'ambiguous' ? found : everyReading(found).toSorted(), expected.toSorted());
  });
}

test('an absolute-form is taken apart where its authority is the Host, and refused elsewhere (RFC 9112 §3.2.2)', (t) => {
  t.is(originForm('http://Wiki.example/a?b', 'wiki.example'), '/a?b');
  t.is(originForm('/a', 'wiki.example'), '/a');
  for (const other of [
    'http://other/a',
    'http://wiki.example@other/a',
    'http://other\\@wiki.example/a',
    '*',
    'wiki.example:443',
    'http://wiki.example',
    'ftp://wiki.example/a',
  ]) {
    t.is(readings(originForm(other, 'wiki.example')), 'ambiguous', other);
  }
});

test('a reading under one of the gateway’s own paths is found', (t) => {
  for (const target of [
    '/.curfew/enter',
    '/.curfew',
    '/saml/acs',
    '/saml%2Facs',
    '//saml/acs',
    '/saml;x/acs',
    '/%2ecurfew/enter',
  ]) {
    const found = readings(target);
    t.not(found === 'ambiguous' ? undefined : ownPath(found), undefined, target);
  }
  for (const target of ['/samlx', '/.curfewx', '/a/saml/acs', '/']) {
    const found = readings(target);
    t.is(found === 'ambiguous' ? 'ambiguous' : ownPath(found), undefined, target);
  }
});

test('no path makes reading slow', (t) => {
  const before = process.cpuUsage().user;
  for (const piece of [
    '.',
    '%20',
    ';',
    '//',
    '%2f',
    '. ',
    '?',
    '%3f;',
    '%25',
    '/;',
    '%EF%BC%8F',
    '%EF%BC%8E ',
    ';/.a',
  ]) {
    readings(`/${piece.repeat(8000 / piece.length)}x`);
  }
  t.true(process.cpuUsage().user - before < 1_000_000, 'a second of processor time');
});

test('a long name of another script has its readings', (t) => {
  // 255 characters of three bytes each, and a folder of as many.
  const name = encodeURIComponent('名'.repeat(255));
  t.deepEqual(readings(`/wiki/${name}/${name}`), [`/wiki/${'名'.repeat(255)}/${'名'.repeat(255)}`]);
});

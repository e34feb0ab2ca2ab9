// The jar of one app in one session, against the rules of browsers.

import test from 'ava';
import type { CookieRefusal } from '../../gateway/upstream/cookie.ts';
import { MAX_COOKIES, MAX_JAR_BYTES } from '../../gateway/upstream/contents.ts';
import { openJar, type CookieChange, type Jar } from '../../gateway/upstream/jar.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';

const HOSTS = { public: ['wiki.example.com', 'wiki.example.org'], upstream: 'wiki-1.internal' };
const NOW = Date.UTC(2026, 0, 2) as EpochMs;
const later = (seconds: number): EpochMs => (NOW + seconds * 1000) as EpochMs;

/** A jar that took these lines at `path`, by https. */
function jarOf(lines: readonly string[], path = '/', refused: [CookieRefusal, string][] = []): Jar {
  const jar = openJar([], HOSTS, (reason, name) => refused.push([reason, name]));
  jar.take(lines, path, true, NOW);
  return jar;
}

const sent = (jar: Jar, path = '/', now = NOW): string => jar.header(path, true, now);

/** A law about one Set-Cookie line: what is sent back to `path` after it came from `from`. */
const LAWS: Record<string, [line: string, path: string, header: string, from?: string]> = {
  'a cookie goes back as it came': ['a="x y"; HttpOnly', '/', 'a="x y"'],
  'an empty value is a value (RFC 6265 §5.2)': ['a=', '/', 'a='],
  'only the first equals sign parts name and value (RFC 6265 §5.2)': ['a=b=c==', '/', 'a=b=c=='],
  'white space around name and value is dropped (RFC 6265 §5.2)': [' a =  b c  ; Path=/', '/', 'a=b c'],
  'a line without an equals sign sets nothing (RFC 6265 §5.2)': ['abc', '/', ''],
  'a cookie without a name sets nothing, whatever its value looks like (RFC 6265 §5.2)': ['=SID=evil', '/', ''],
  'Max-Age wins over Expires (RFC 6265 §5.3)': ['a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9', '/', 'a=b'],
  'Max-Age in the past wins over Expires (RFC 6265 §5.3)': [
    'a=b; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT',
    '/',
    '',
  ],
  'Max-Age that is no number is passed over (RFC 6265 §5.2.2)': ['a=b; Max-Age=soon', '/', 'a=b'],
  'Expires is read as servers write it, dashes too (RFC 6265 §5.1.1)': [
    'a=b; expires=Thu, 01-Jan-1970 00:00:01 GMT',
    '/',
    '',
  ],
  'Expires that is no date is passed over (RFC 6265 §5.2.1)': ['a=b; Expires=yesterday', '/', 'a=b'],
  'a path covers itself (RFC 6265 §5.1.4)': ['a=b; Path=/x', '/x', 'a=b'],
  'a path covers what is below it (RFC 6265 §5.1.4)': ['a=b; Path=/x', '/x/y', 'a=b'],
  'a path does not cover its neighbour (RFC 6265 §5.1.4)': ['a=b; Path=/x', '/xy', ''],
  'a path does not cover what is above it (RFC 6265 §5.1.4)': ['a=b; Path=/x/', '/x', ''],
  'a path with a slash at its end covers what is below it (RFC 6265 §5.1.4)': ['a=b; Path=/x/', '/x/y', 'a=b'],
  'a query is no part of the path (RFC 6265 §5.1.4)': ['a=b; Path=/x', '/x?y=/z', 'a=b'],
  'without Path a cookie belongs to the folder it came from (RFC 6265 §5.1.4)': ['a=b', '/x/z', 'a=b', '/x/y?q=/r/s'],
  'without Path a cookie does not go to other folders (RFC 6265 §5.1.4)': ['a=b', '/z', '', '/x/y'],
  'a Path that does not begin with a slash is passed over (RFC 6265 §5.2.4)': ['a=b; Path=x', '/x/z', 'a=b', '/x/y'],
  'the last of several Paths counts (RFC 6265 §5.3)': ['a=b; Path=/x; Path=/y', '/y', 'a=b'],
  'a Domain that is the host is taken (RFC 6265 §5.1.3)': ['a=b; Domain=WIKI.example.com', '/', 'a=b'],
  'a Domain above the host is taken, with a dot in front too (RFC 6265 §5.2.3)': [
    'a=b; Domain=.example.com',
    '/',
    'a=b',
  ],
  'a Domain of the app under another of its hosts is taken': ['a=b; Domain=wiki.example.org', '/', 'a=b'],
  'a Domain of somebody else sets nothing (RFC 6265 §5.3)': ['a=b; Domain=mail.example.com', '/', ''],
  'a Domain that the host only ends with sets nothing (RFC 6265 §5.1.3)': ['a=b; Domain=iki.example.com', '/', ''],
  'a Domain below the host sets nothing (RFC 6265 §5.3)': ['a=b; Domain=x.wiki.example.com', '/', ''],
  'a Domain that says where the app really is makes a cookie of the host': ['a=b; Domain=wiki-1.internal', '/', 'a=b'],
  'an empty Domain is passed over (RFC 6265 §5.2.3)': ['a=b; Domain=', '/', 'a=b'],
  '__Secure- is kept with Secure (6265bis §4.1.3.1)': ['__Secure-a=b; Secure', '/', '__Secure-a=b'],
  '__Secure- without Secure sets nothing (6265bis §4.1.3.1)': ['__Secure-a=b', '/', ''],
  '__Host- is kept with Secure, Path=/ and no Domain (6265bis §4.1.3.2)': [
    '__Host-a=b; Secure; Path=/',
    '/',
    '__Host-a=b',
  ],
  '__Host- without Secure sets nothing (6265bis §4.1.3.2)': ['__Host-a=b; Path=/', '/', ''],
  '__Host- with a Domain sets nothing (6265bis §4.1.3.2)': [
    '__Host-a=b; Secure; Path=/; Domain=wiki.example.com',
    '/',
    '',
  ],
  '__Host- with the Domain of where the app really is sets nothing': [
    '__Host-a=b; Secure; Path=/; Domain=wiki-1.internal',
    '/',
    '',
  ],
  '__Host- without Path sets nothing, even at the root (6265bis §4.1.3.2)': ['__Host-a=b; Secure', '/', ''],
  'prefixes are seen in any spelling (6265bis §4.1.3)': ['__hOST-a=b; Secure; Path=/x', '/x', ''],
  'bytes beyond ASCII come back as they were': ['a=\u00e9\u00ff', '/', 'a=\u00e9\u00ff'],
  'the address of a cookie without Path counts as far as its first semicolon, which no Path can have': [
    'a=b',
    '/x/y/z',
    'a=b',
    '/x/y;Domain=example.com/z',
  ],
  'a character that no header may have sets nothing': ['a=b\u007fc', '/', ''],
};
for (const [law, [line, path, header, from]] of Object.entries(LAWS)) {
  test(law, (t) => t.is(sent(jarOf([line], from), path), header));
}

test('longer paths come first, then older cookies (RFC 6265 §5.4)', (t) => {
  const jar = jarOf(['c=1; Path=/', 'b=2; Path=/x', 'a=3; Path=/', 'd=4; Path=/x']);
  t.is(sent(jar, '/x'), 'b=2; d=4; c=1; a=3');
});

test('a cookie that is set again keeps its age (RFC 6265 §5.3)', (t) => {
  const jar = jarOf(['a=1', 'b=2', 'a=3']);
  t.is(sent(jar), 'a=3; b=2');
});

test('a cookie that was removed and is set again is a new one (RFC 6265 §5.3)', (t) => {
  const jar = jarOf(['a=1', 'b=2', 'a=; Max-Age=0', 'a=3']);
  t.is(sent(jar), 'b=2; a=3');
});

test('name, Domain and Path together tell cookies apart (RFC 6265 §5.3)', (t) => {
  const jar = jarOf(['a=1; Path=/', 'a=2; Path=/x', 'a=3; Path=/; Domain=example.com', 'A=4; Path=/']);
  t.is(sent(jar, '/x'), 'a=2; a=1; a=3; A=4');
});

test('a cookie goes when its time has come, and not before (RFC 6265 §5.3)', (t) => {
  const jar = jarOf(['a=1; Max-Age=60', 'b=2; Expires=Fri, 02 Jan 2026 00:02:00 GMT', 'c=3']);
  t.is(sent(jar, '/', later(59)), 'a=1; b=2; c=3');
  t.is(sent(jar, '/', later(60)), 'b=2; c=3');
  t.is(sent(jar, '/', later(120)), 'c=3');
});

test('a Secure cookie goes by https only, and comes by https only (RFC 6265 §5.4, 6265bis §5.7)', (t) => {
  const refused: [CookieRefusal, string][] = [];
  const jar = jarOf(['a=1; Secure', 'b=2'], '/', refused);
  t.is(jar.header('/', true, NOW), 'a=1; b=2');
  t.is(jar.header('/', false, NOW), 'b=2');
  t.deepEqual(jar.take(['c=3; Secure'], '/', false, NOW), []);
  t.deepEqual(refused, [['insecure', 'c']]);
});

test('a SameSite=Strict cookie stays behind where another site began the request (6265bis §5.8.3)', (t) => {
  const jar = jarOf(['a=1; SameSite=Strict', 'b=2; SameSite=Lax', 'c=3']);
  t.is(jar.header('/', true, NOW, true), 'b=2; c=3');
  t.is(jar.header('/', true, NOW, false), 'a=1; b=2; c=3');
});

test('what is to be stored is what has changed, and a jar opened over it is the same (P13)', (t) => {
  const store = new Map<string, string>();
  const keep = (changes: readonly CookieChange[]): readonly CookieChange[] => {
    for (const { name, text } of changes) {
      if (text === undefined) store.delete(name);
      else store.set(name, text);
    }
    return changes;
  };
  const jar = openJar([], HOSTS);
  const names = (lines: string[], now = NOW): string[] =>
    keep(jar.take(lines, '/x/y', true, now)).map(({ name }) => name);
  t.deepEqual(names(['b=1; Path=/', 'a=2', 'c=3; Domain=example.com; Max-Age=60']), [
    'b;;/',
    'a;;/x',
    'c;example.com;/x',
  ]);
  t.deepEqual(names(['a=2']), [], 'nothing has changed');
  t.deepEqual(names(['a=2; Secure', 'a=; Max-Age=-1']), ['a;;/x']);
  t.deepEqual(names(['never=; Max-Age=0']), []);
  t.deepEqual(names(['a=4; SameSite=Strict; Secure']), ['a;;/x']);
  const stored = (): { name: string; text: string }[] => [...store].map(([name, text]) => ({ name, text })).reverse();
  const again = openJar(stored(), HOSTS);
  for (const isCrossSite of [true, false]) {
    t.is(again.header('/x', false, NOW, isCrossSite), jar.header('/x', false, NOW, isCrossSite));
    t.is(again.header('/x', true, NOW, isCrossSite), jar.header('/x', true, NOW, isCrossSite));
  }
  t.is(again.header('/x', true, NOW), 'c=3; a=4; b=1');
  t.is(again.header('/x', true, later(60)), 'a=4; b=1');
});

test('a store is told of a usual cookie its value and its age, and little else: it holds five for each of very many sessions', (t) => {
  const value = 'v'.repeat(32);
  const [change] = openJar([], HOSTS).take([`SID=${value}; Path=/; HttpOnly`], '/', true, NOW);
  t.true((change?.text?.length ?? 0) < value.length + 32, change?.text);
});

test('what has expired is taken out of the store by the next answer, whoever noticed it', (t) => {
  const jar = jarOf(['a=1; Max-Age=60', 'b=2']);
  t.is(sent(jar, '/', later(60)), 'b=2');
  t.deepEqual(
    jar.take(['c=3'], '/', true, later(61)).map(({ name, text }) => [name, text === undefined]),
    [
      ['a;;/', true],
      ['c;;/', false],
    ],
  );
  t.deepEqual(jar.take([], '/', true, later(62)), []);
});

test('what expired comes to life again only by being set', (t) => {
  const jar = jarOf(['a=1; Max-Age=60']);
  t.is(sent(jar, '/', later(60)), '');
  const [change] = jar.take(['a=2'], '/', true, later(61));
  t.is(change?.name, 'a;;/');
  t.true(change?.text?.includes('"2"'));
});

test('what cannot be read from the store is left out, and the rest serves', (t) => {
  const reasons: string[] = [];
  const good = jarOf([]).take(['a=1'], '/', true, NOW);
  const jar = openJar(
    [
      ...good.map(({ name, text = '' }) => ({ name, text })),
      { name: 'b;;/', text: '{' },
      { name: 'c', text: good[0]?.text ?? '' },
      { name: 'd;;/', text: '{"value":1,"order":1}' },
      { name: 'e;;/', text: 'null' },
      { name: 'f;;/', text: '{"value":"","order":2,"expiresAt":"x"}' },
    ],
    HOSTS,
    (reason) => reasons.push(reason),
  );
  t.is(sent(jar), 'a=1');
  t.deepEqual(reasons, ['unreadable']);
});

test(`of more than ${MAX_COOKIES} cookies the oldest go`, (t) => {
  const refused: [CookieRefusal, string][] = [];
  const jar = jarOf([], '/', refused);
  const lines = Array.from({ length: MAX_COOKIES }, (_, number) => `c${number}=1`);
  t.is(jar.take(lines, '/', true, NOW).length, MAX_COOKIES);
  t.deepEqual(refused, []);
  const changes = jar.take(['x=1', 'y=1'], '/', true, NOW);
  t.deepEqual(
    changes.filter(({ text }) => text === undefined).map(({ name }) => name),
    ['c0;;/', 'c1;;/'],
  );
  t.is(jar.cookies(NOW).length, MAX_COOKIES);
  t.true(sent(jar).startsWith('c2=1; '));
  t.true(sent(jar).endsWith('; x=1; y=1'));
  t.deepEqual(refused, [['crowded-out', 'c0']]);
});

test(`of more than ${MAX_JAR_BYTES} bytes the oldest go`, (t) => {
  const jar = jarOf(['old=1', ...[1, 2, 3, 4].map((number) => `c${number}=${'x'.repeat(4000)}`)]);
  t.is(jar.cookies(NOW).length, 5);
  jar.take([`c5=${'x'.repeat(400)}`], '/', true, NOW);
  t.deepEqual(
    jar.cookies(NOW).map(({ name }) => name),
    ['c2', 'c3', 'c4', 'c5'],
  );
});

test('a cookie of more than 4 KiB is refused, and takes nothing with it (RFC 6265 §6.1)', (t) => {
  const refused: [CookieRefusal, string][] = [];
  const jar = jarOf(['a=1', `a=${'x'.repeat(4096)}`, `b=${'x'.repeat(4000)}; Path=/${'y'.repeat(100)}`], '/', refused);
  t.is(sent(jar), 'a=1');
  t.deepEqual(refused, [['too-big', 'a']]);
});

test('a reason is told once, with the name of a cookie and never with its value', (t) => {
  const refused: [CookieRefusal, string][] = [];
  jarOf(['SID=secret; Domain=evil.test', 'B=secret; Domain=evil.test', '=secret', '__Host-c=secret'], '/', refused);
  t.deepEqual(refused, [
    ['foreign-domain', 'SID'],
    ['unparsable', ''],
    ['prefix-broken', '__Host-c'],
  ]);
});

test('what a script sets pushes out nothing that the app has set, and changes what is there', (t) => {
  const jar = openJar([], HOSTS);
  jar.take(
    Array.from({ length: MAX_COOKIES }, (_, number) => `c${number}=1`),
    '/',
    true,
    NOW,
  );
  const [first] = jar.cookies(NOW);
  if (first === undefined) return t.fail();
  t.deepEqual(jar.change({ ...first, name: 'one-more' }, '1'), []);
  t.is(jar.change(first, '2').length, 1);
  t.deepEqual([jar.cookies(NOW).length, jar.cookies(NOW)[0]?.value], [MAX_COOKIES, '2']);

  const large = openJar([], HOSTS);
  large.take(
    Array.from({ length: 4 }, (_, number) => `c${number}=${'x'.repeat(MAX_JAR_BYTES / 4 - 200)}`),
    '/',
    true,
    NOW,
  );
  t.is(large.cookies(NOW).length, 4);
  t.deepEqual(large.change({ ...first, name: 'one-more' }, 'x'.repeat(1000)), []);
  t.is(large.cookies(NOW).length, 4);
});

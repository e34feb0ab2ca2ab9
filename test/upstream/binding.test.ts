// Which of the cookies that a browser sends belong to the session (P10): two people at one browser, with every way for what the first
// has left to come along with the second.

import test from 'ava';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import { judge, type Arrival, type Judged } from '../../gateway/upstream/binding.ts';
import { compileExposure, given, type Marking } from '../../gateway/upstream/expose.ts';
import { openJar, type SharedJar } from '../../gateway/upstream/jar.ts';

const HOST = 'wiki.example.com';
const HOSTS = { public: [HOST], upstream: 'wiki-1.internal' };
const NOW = Date.UTC(2026, 0, 2) as EpochMs;

const markingOf = (session: string): Marking => ({
  nameFor: (cookie) => `curfew-mark-wiki.${cookie}`,
  fits: (cookie, mark) => mark === `${session}-${cookie}`,
  line: (cookie) => `curfew-mark-wiki.${cookie}=${session}-${cookie}; Path=/; HttpOnly`,
  removal: (cookie) => `curfew-mark-wiki.${cookie}=; Max-Age=0; Path=/; HttpOnly`,
});

/** A session whose app has set these lines; the answer has reached the browser. */
function sessionOf(...lines: string[]) {
  const jar = openJar([], HOSTS);
  const isExposed = compileExposure('gateway', ['T', 'pref*']) ?? (() => false);
  const bond = { jar, isExposed, marking: markingOf('bob') };
  const set = (...set: string[]): string[] => {
    jar.take(set, '/', true, NOW);
    return given(set, bond, true, NOW);
  };
  set(...lines);
  const arrives = (header: string, target = '/', more: Partial<Arrival> = {}): Judged =>
    judge(bond, { header, target, host: HOST, isSecure: true, isCrossSite: false, isWhole: true, now: NOW, ...more });
  return { jar, set, arrives };
}

const MARK = 'curfew-mark-wiki.T=bob-T';
const ALICES_MARK = 'curfew-mark-wiki.T=alice-T';
const valuesIn = (jar: SharedJar): string[] => jar.cookies(NOW).map(({ name, value }) => `${name}=${value}`);

test('what the app has set goes to it as the browser sends it, and HttpOnly from the jar', (t) => {
  const { arrives } = sessionOf('T=1; Path=/', 'SID=s; Path=/; HttpOnly');
  t.deepEqual(arrives(`T=1; ${MARK}; SID=forged; other=x`), { cookie: 'SID=s; T=1', lines: [] });
});

test('what a script has changed goes to the app, at an address that is new, too, and the jar has it from then on', (t) => {
  const { arrives, jar } = sessionOf('T=1; Path=/');
  t.is(arrives(`T=mine; ${MARK}`, '/save').cookie, 'T=mine');
  t.deepEqual(valuesIn(jar), ['T=mine']);
  t.is(arrives('T=mine', '/elsewhere/else').cookie, 'T=mine', 'known now, mark or no mark');
});

test('what a script has removed is gone for the app, and its mark for the browser', (t) => {
  const { arrives, jar } = sessionOf('T=1; Path=/');
  const { cookie, lines } = arrives(MARK);
  t.is(cookie, '');
  t.deepEqual(lines, [markingOf('bob').removal('T')]);
  t.deepEqual(valuesIn(jar), []);
});

test('what was not sent because another site began the request was not removed by a script', (t) => {
  const { arrives, jar } = sessionOf('T=1; Path=/');
  arrives(MARK, '/', { isWhole: false, isCrossSite: true });
  t.deepEqual(valuesIn(jar), ['T=1']);
});

test('what the browser never got is given to it again, and goes to the app from the jar meanwhile', (t) => {
  const { arrives } = sessionOf('T=1; Path=/; Secure; SameSite=Strict');
  t.deepEqual(arrives(''), {
    cookie: 'T=1',
    lines: ['T=1; Path=/; Secure; SameSite=Strict', markingOf('bob').line('T')],
  });
});

/** What the browser of the second person sends, where the app has set `T=1; Path=/` for them. */
const STRANGERS: Record<string, [header: string, target: string, sent: string]> = {
  'left at the same place, because the answer that set the new one is still on its way': [
    `T=alice; ${ALICES_MARK}`,
    '/',
    'T=1',
  ],
  'left at the same place, without a mark': ['T=alice', '/', 'T=1'],
  'left at a deeper path by a script': [`T=alice; T=1; ${MARK}`, '/deep/page', 'T=1'],
  'left under another Domain': [`T=1; T=alice; ${MARK}`, '/', 'T=1'],
  'left twice': [`T=alice; T=alice2; T=1; ${MARK}`, '/', 'T=1'],
  'left under a name that the app has not set': [`pref=alice; T=1; ${MARK}`, '/', 'T=1'],
  'left under the name of an HttpOnly cookie': [`SID=alice; T=1; ${MARK}`, '/', 'T=1'],
  'left with the mark of another session beside ours': [`T=alice; T=1; ${ALICES_MARK}; ${MARK}`, '/', 'T=1'],
};
for (const [name, [header, target, sent]] of Object.entries(STRANGERS)) {
  test(`a cookie of whoever was here before goes to no app: ${name} (P10)`, (t) => {
    const { arrives, jar } = sessionOf('T=1; Path=/');
    t.is(arrives(header, target).cookie, sent);
    t.is(arrives(header, target).cookie, sent, 'nor the second time');
    t.deepEqual(valuesIn(jar), ['T=1']);
  });
}

test('a stranger is removed from every place it may have come from, but not where the app’s own cookie is (P10)', (t) => {
  const { arrives } = sessionOf('T=1; Path=/');
  t.deepEqual(arrives(`T=alice; T=1; ${MARK}`, '/a/b?q=/x').lines, [
    'T=; Max-Age=0; Path=/; Domain=example.com; Secure',
    ...['/a', '/a/', '/a/b'].flatMap((path) => [
      `T=; Max-Age=0; Path=${path}; Secure`,
      `T=; Max-Age=0; Path=${path}; Domain=wiki.example.com; Secure`,
      `T=; Max-Age=0; Path=${path}; Domain=example.com; Secure`,
    ]),
  ]);
  t.deepEqual(arrives(`T=alice; T=1; ${MARK}`, '/a/b').lines, [], 'once is enough: it goes nowhere in any case');
});

test('an address writes nothing into the lines that remove a cookie', (t) => {
  const { arrives } = sessionOf('T=1; Path=/');
  for (const forged of ['/x;Domain=example.com;Max-Age=9;Path=/', '/a;Max-Age=9/b', '/a/;Path=/']) {
    const { lines } = arrives(`T=alice; T=1; ${MARK}`, forged);
    t.true(lines.every((line) => !line.includes('Max-Age=9') && (line.match(/Path=/g) ?? []).length === 1));
  }
});

test('what a script has made at an address with a semicolon is still read from the store (P13)', (t) => {
  const { arrives, jar } = sessionOf();
  for (const target of ['/', '/a', '/a;v=1']) arrives('', target);
  t.is(arrives('pref=x', '/a;v=1').cookie, 'pref=x');
  t.deepEqual(
    jar.cookies(NOW).map(({ path }) => path),
    ['/a'],
  );
});

test('a script that kept a copy of what was here at first sight cannot bring it back (P10)', (t) => {
  const { arrives } = sessionOf('T=1; Path=/');
  arrives(`T=alices-long-secret; ${ALICES_MARK}`);
  arrives(`T=1; ${MARK}`);
  t.is(arrives(`T=alices-long-secret; ${MARK}`).cookie, 'T=1');
  t.is(arrives(`T=bobs-own-long-secret; ${MARK}`).cookie, 'T=bobs-own-long-secret');
});

test('a preference that was here before is this person’s where it was gone and is written again', (t) => {
  const { arrives } = sessionOf();
  t.is(arrives('pref=dark').cookie, '');
  t.is(arrives('pref=dark').cookie, '');
  t.is(arrives('').cookie, '');
  t.is(arrives('pref=dark').cookie, 'pref=dark');
});

test('a cookie that another answer sets while its place is being cleared is given again', (t) => {
  const { arrives, set } = sessionOf();
  const { lines } = arrives('T=alice');
  set('T=1; Path=/');
  t.true(lines.includes(markingOf('bob').removal('T')));
  // The browser took the lines after the cookie: both are gone.
  t.deepEqual(arrives(''), { cookie: 'T=1', lines: ['T=1; Path=/', markingOf('bob').line('T')] });
});

test('a cookie that only scripts set goes to the app where every place it may come from was seen without it', (t) => {
  const { arrives } = sessionOf();
  t.is(arrives('', '/page').cookie, '');
  t.is(arrives('pref=dark', '/other').cookie, '', '/other may have had it before');
  t.is(arrives('pref=dark', '/page').cookie, 'pref=dark');
  t.is(arrives('pref=dark', '/other').cookie, 'pref=dark', 'known now');
  t.is(arrives('pref=light', '/page').cookie, 'pref=light');
});

test('what is not known to be all that the browser has proves nothing', (t) => {
  const { arrives } = sessionOf();
  arrives('', '/', { isWhole: false });
  t.is(arrives('pref=dark').cookie, '');
});

test('one host’s addresses prove nothing about another’s', (t) => {
  const { arrives } = sessionOf();
  arrives('', '/', { host: 'other.example.com' });
  t.is(arrives('pref=dark').cookie, '');
});

test('two cookies of one name that scripts have made go on together, without a write for every request', (t) => {
  const { arrives, jar } = sessionOf();
  arrives('', '/a/b');
  const header = 'pref=deep; pref=flat';
  t.is(arrives(header, '/a/b').cookie, header);
  const kept = valuesIn(jar);
  t.is(arrives(header, '/a/b').cookie, header);
  t.deepEqual(valuesIn(jar), kept);
});

test('a script cannot push the app’s own cookies out of the jar', (t) => {
  const { arrives, jar } = sessionOf('SID=s; Path=/; HttpOnly');
  arrives('');
  for (let at = 0; at < 200; at += 1) arrives(`pref${at}=x`);
  arrives(`pref-big=${'x'.repeat(20_000)}`);
  t.true(valuesIn(jar).includes('SID=s'));
  t.is(jar.cookies(NOW).length, 50);
});

test('addresses without end take no memory without end, and what they have stays a stranger', (t) => {
  const { arrives } = sessionOf();
  for (const deep of [`/${'a/'.repeat(5000)}`, `/${'a'.repeat(1100)}`]) {
    arrives('', deep);
    t.is(arrives('pref=deep', deep).cookie, '');
  }
  for (let at = 0; at < 500; at += 1) arrives('', `/${at}`);
  t.is(arrives('pref=x', '/400').cookie, '');
  t.is(arrives('pref=x', '/100').cookie, 'pref=x');
});

for (const [what, line, out] of [
  ['a cookie that scripts may read', 'T=2; Path=/; Domain=example.com', ['T=2; Path=/; Domain=example.com']],
  ['one that is Partitioned, as a plain one', 'T=2; Path=/; Partitioned; Secure', ['T=2; Path=/; Secure']],
] as const) {
  test(`the browser is given ${what}, with its mark`, (t) => {
    t.deepEqual(sessionOf().set(line), [...out, markingOf('bob').line('T')]);
  });
}

for (const [what, line, out] of [
  ['that the app removes', 'T=; Path=/x; Max-Age=0', 'T=; Max-Age=0; Path=/x; Secure'],
  ['that has become HttpOnly', 'T=2; Path=/; HttpOnly', 'T=; Max-Age=0; Path=/; Secure'],
  [
    'that the jar refuses',
    'T=2; Path=/; Domain=elsewhere.example',
    'T=; Max-Age=0; Path=/; Domain=elsewhere.example; Secure',
  ],
] as const) {
  test(`the browser loses a cookie ${what}, and its mark`, (t) => {
    t.deepEqual(sessionOf().set(line), [out, markingOf('bob').removal('T')]);
  });
}

test('no cookie reaches the browser that is not named, or under the name of another', (t) => {
  const lines = ['SID=1; Path=/', '=T=1', '=SID=1; T=2', 'T', '', ';T=1', 't=1', 'TT=1'];
  t.deepEqual(sessionOf().set(...lines), []);
});

test('what a browser sends under the name of an HttpOnly cookie is passed over, however well its address is known', (t) => {
  const { arrives, jar } = sessionOf('T=1; Path=/; HttpOnly');
  arrives('');
  t.deepEqual(arrives(`T=forged; ${MARK}`), { cookie: 'T=1', lines: [] });
  t.deepEqual(valuesIn(jar), ['T=1']);
});

test('an HttpOnly cookie stays here beside one of the same name and value that scripts may read', (t) => {
  const { set } = sessionOf('T=1; Path=/a');
  t.deepEqual(set('T=1; Path=/; HttpOnly'), ['T=; Max-Age=0; Path=/; Secure', markingOf('bob').line('T')]);
});

import test from 'ava';
import { compilePattern, matches, patternFault, segmentsOf } from '../../gateway/policy/glob.ts';

const hits = (pattern: string, path: string): boolean => matches(compilePattern(pattern), segmentsOf(path));

for (const [pattern, yes, no] of [
  ['/admin/**', ['/admin', '/admin/', '/admin/a', '/admin/a/b'], ['/', '/administrator', '/x/admin', '/Admin']],
  ['/**', ['/', '/a', '/a/b/'], []],
  ['/', ['/'], ['/a', '//']],
  ['/favicon.ico', ['/favicon.ico', '/favicon.ico/'], ['/faviconXico', '/favicon.ico/x']],
  ['/u/*/edit', ['/u/7/edit'], ['/u/edit', '/u//edit', '/u/7/8/edit', '/u/7']],
  ['/a/**/z', ['/a/z', '/a/b/z', '/a/z/z', '/a/b/c/z/'], ['/a', '/a/z/b', '/z']],
  ['/**/a/*/b', ['/a/x/b', '/q/a/a/x/b', '/a/b/a/b/b'], ['/a/b', '/q/a/x/c/b']],
  ['/a b/ü', ['/a b/ü'], ['/a/b/ü']],
] as [string, string[], string[]][]) {
  test(`the pattern ${pattern} matches whole segments only`, (t) => {
    for (const path of yes) t.true(hits(pattern, path), path);
    for (const path of no) t.false(hits(pattern, path), path);
  });
}

test('no pattern makes matching slow', (t) => {
  const pattern = compilePattern('/**/a'.repeat(40) + '/b');
  const segments = segmentsOf('/a'.repeat(4000));
  const before = process.cpuUsage().user;
  t.false(matches(pattern, segments));
  t.true(process.cpuUsage().user - before < 500_000, 'half a second of processor time');
});

for (const wrong of [
  'admin',
  '/a*',
  '/*.css',
  '/a**',
  '/a//b',
  '/a/../b',
  '/.',
  '/a\\b',
  '/a?b',
  '/a#b',
  '/%61',
  '/a\n',
  '',
]) {
  test(`the pattern ${JSON.stringify(wrong)}, which would not do what it seems to, is a fault`, (t) => {
    t.is(typeof patternFault(wrong), 'string');
  });
}

test('a percent sign that encodes nothing is literal in a pattern', (t) => {
  t.is(patternFault('/100%/x'), undefined);
});

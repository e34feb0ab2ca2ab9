import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { codesOfRooms } from '../../gateway/config/codes-of-rooms.ts';
import { languageFor, type Language } from '../../gateway/pages/languages.ts';
import { APP_REASONS } from '../../gateway/pages/app-reasons.ts';
import { OWN_REASONS } from '../../gateway/pages/reasons.ts';

for (const [accept, language] of [
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['DE-ch', 'de'],
  ['de-CH-1996,en;q=0.9', 'de'],
  // The lookup of RFC 4647 §3.4: what is wanted most is looked for in all its forms before what is wanted less.
  ['en-GB,de;q=0.7,en;q=0.3', 'en'],
  ['fr;q=0.2, es;q=0.9', 'es'],
  ['es;q=0.5,ja;q=0.5', 'es'],
  ['nl,da;q=0.9,ja;q=0.1', 'ja'],
  ['nl,da', 'en'],
  ['*', 'en'],
  ['nl,*;q=0.5', 'en'],
  ['en;q=0,*', 'de'],
  ['de;q=0,de-AT', 'en'],
  ['de-CH;q=0,de', 'de'],
  ['fr;q=0', 'en'],
  ['fr;q=2,de;q=0.1', 'de'],
  ['fr;q=0.1234,de;q=0.1', 'de'],
  ['fr;level=1,de', 'de'],
  ['__proto__,constructor', 'en'],
  ['de\u0000', 'en'],
  ['ja ; q=0.8 , fr ; q=0.9', 'fr'],
] as const) {
  test(`Accept-Language ${JSON.stringify(accept)} is answered in ${language} (RFC 9110 §12.5.4)`, (t) => {
    t.is(languageFor(accept, 'en'), language);
  });
}

test('who reads none of the languages is answered in the one that was chosen', (t) => {
  t.is(languageFor('nl', 'fr'), 'fr');
  t.is(languageFor('*', 'fr'), 'fr');
  t.is(languageFor('fr;q=0,*', 'fr'), 'en');
});

test('an endless Accept-Language costs no more than a long one', (t) => {
  const endless = 'x,'.repeat(16_000);
  const before = process.cpuUsage();
  for (let round = 0; round < 100; round += 1) t.is(languageFor(`${endless}de`, 'en'), 'en');
  t.true(process.cpuUsage(before).user < 1_000_000);
});

test('what no code says any more is not translated either', async (t) => {
  const rooms = await codesOfRooms(join(import.meta.dirname, '../../gateway'));
  const said = new Set([...rooms.values()].flatMap((codes) => Object.values(codes).map((code) => code.publicMessage)));
  const translated = Object.keys({ ...OWN_REASONS, ...APP_REASONS });
  t.deepEqual(
    translated.filter((sentence) => !said.has(sentence)),
    [],
  );
  t.deepEqual(
    [...said].filter((sentence) => !translated.includes(sentence)),
    [],
  );
});

test('no language has words of another, and none is left empty', async (t) => {
  const folder = join(import.meta.dirname, '../../gateway/pages/texts');
  const seen = new Map<string, string>();
  for (const file of readdirSync(folder).filter((name) => /^[a-z]{2}\.ts$/.test(name))) {
    const language = file.slice(0, 2) as Language;
    const module = (await import(join(folder, file))) as Record<Language, object>;
    for (const [key, text] of textsIn(module[language], '')) {
      t.true(text.trim() !== '', `${language}${key}`);
      if (key === '.dir') continue;
      t.is(seen.get(`${key} ${text}`), undefined, `${language}${key} reads as in ${seen.get(`${key} ${text}`) ?? ''}`);
      seen.set(`${key} ${text}`, language);
    }
    t.regex(readFileSync(join(folder, file), 'utf8'), /: Texts = /);
  }
  t.true(seen.size > 150);
});

function textsIn(value: object, path: string): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, string][] => {
    if (typeof inner === 'string') return [[`${path}.${key}`, inner]];
    return typeof inner === 'object' && inner !== null ? textsIn(inner, `${path}.${key}`) : [];
  });
}

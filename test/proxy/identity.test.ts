import test from 'ava';
import type { CurfewError } from '../../gateway/kernel/errors.ts';
import type { EpochMs, Identity } from '../../gateway/kernel/words.ts';
import { parseTemplate } from '../../gateway/kernel/template.ts';
import { compileIdentityHeaders } from '../../gateway/proxy/identity.ts';

const person = (nameId: string, attributes: Record<string, string[]> = {}): Identity => ({
  idp: 'corp',
  nameId: { value: nameId },
  sessionIndexes: [],
  attributes: new Map(Object.entries(attributes)),
  authnInstant: 0 as EpochMs,
});

/** A text as it can stand in a test's name. */
const escape = (text: string): string =>
  JSON.stringify(text).replace(/[^\x21-\x7e ]/g, (odd) => `\\u${odd.charCodeAt(0).toString(16)}`);

const headers = (templates: Record<string, string>, identity: Identity): readonly string[] =>
  compileIdentityHeaders(new Map(Object.entries(templates)))(identity);

test('a template is filled with what the identity provider said', (t) => {
  const alice = person('alice', { mail: ['alice@example.com'], 'urn:oid:2.5.4.3': ['Alice'] });
  t.deepEqual(
    headers(
      {
        'Remote-User': '${nameId}',
        'X-Who': '${idp}/${nameId} <${attributes.mail}>',
        'X-Cn': '${attributes.urn:oid:2.5.4.3}',
      },
      alice,
    ),
    ['Remote-User', 'alice', 'X-Who', 'corp/alice <alice@example.com>', 'X-Cn', 'Alice'],
  );
});

test('what is not known makes no header at all, never an empty one', (t) => {
  const alice = person('alice', { empty: [''], none: [], some: ['', 'a', ''] });
  t.deepEqual(
    headers(
      {
        A: '${attributes.mail}',
        B: 'x${attributes.empty}',
        C: '${attributes.none}',
        D: '${attributes.some}',
        E: '',
        F: '${attributes.constructor}',
      },
      alice,
    ),
    ['D', 'a'],
  );
});

test('several values are joined by commas, and none of them can pass for two', (t) => {
  const alice = person('alice', { groups: ['staff', 'x,wiki-admins'], name: ['Möller, Alice'] });
  t.deepEqual(headers({ G: '${attributes.groups}' }, alice), ['G', 'staff,x%2Cwiki-admins']);
  t.is(Buffer.from(headers({ N: '${attributes.name}' }, alice)[1] ?? '', 'latin1').toString(), 'Möller, Alice');
});

for (const name of ['Alice Möller', '名前', '🦉']) {
  test(`a value is sent as the bytes of its UTF-8 form: ${name}`, (t) => {
    const value = headers({ 'Remote-User': '${nameId}' }, person(name))[1] ?? '';
    t.regex(value, /^[\x20-\xff]*$/);
    t.is(Buffer.from(value, 'latin1').toString('utf8'), name);
  });
}

for (const value of [
  'admin\r\nX-Admin: 1',
  'ad\0min',
  'admin\n',
  'admin ',
  ' admin',
  'admin\u00a0',
  '\tadmin',
  'ad\x7fmin',
  'ad\u0085min',
  'ad\u2028min',
]) {
  test(`a value that would arrive as another is refused: ${escape(value)} (RFC 9110 §5.5)`, (t) => {
    for (const [template, identity] of [
      ['${nameId}', person(value)],
      ['x ${attributes.uid} x', person('alice', { uid: ['bob', value] })],
    ] as const) {
      const error = t.throws<CurfewError>(() => headers({ 'Remote-User': template }, identity));
      t.is(error.code, 'IDENTITY_UNSENDABLE');
      t.is(error.status, 403);
      t.false(JSON.stringify(error.detail).includes('min'));
    }
  });
}

for (const [template, reference, remedy] of [
  ['${nameID}', '${nameID}', 'did you mean "${nameId}"?'],
  ['a ${nameid} b', '${nameid}', 'did you mean "${nameId}"?'],
  ['${ipd}', '${ipd}', 'did you mean "${idp}"?'],
  ['${attribute.mail}', '${attribute.mail}', 'did you mean "${attributes.mail}"?'],
  ['${Attributes.urn:oid:2.5.4.3}', '${Attributes.urn:oid:2.5.4.3}', 'did you mean "${attributes.urn:oid:2.5.4.3}"?'],
  ['${attributes}', '${attributes}', 'did you mean "${attributes.NAME}"?'],
  ['${attributes.}', '${attributes.}', 'did you mean "${attributes.NAME}"?'],
  ['${sessionIndex}', '${sessionIndex}', 'did you mean "${nameId}"?'],
  ['${nameId', '${nameId', 'write "${nameId}"'],
] as const) {
  test(`a fault in a template is told with what to write instead: ${template}`, (t) => {
    const { faults } = parseTemplate(template);
    t.deepEqual(
      faults.map((fault) => [fault.reference, fault.remedy]),
      [[reference, remedy]],
    );
    t.throws(() => headers({ 'Remote-User': template }, person('alice')), { instanceOf: TypeError });
  });
}

test('every fault of a template is told, and what is no reference is text', (t) => {
  t.is(parseTemplate('${a} $ {nameId} ${b}').faults.length, 2);
  t.deepEqual(parseTemplate('$nameId {} $').parts, [{ kind: 'text', text: '$nameId {} $' }]);
});

// What a page holds, and what a browser would make of its forms.

import test from 'ava';
import { decodePage, encodeText } from '../../gateway/upstream/charset.ts';
import type { PageForm } from '../../gateway/upstream/form.ts';
import { readPage } from '../../gateway/upstream/page.ts';
import { submission, type FormPlace } from '../../gateway/upstream/submission.ts';
import { PUBLIC } from './stage.ts';

const AT = new URL(`${PUBLIC}/a/page?x=y`);
const forms = (html: string): readonly PageForm[] => readPage(html, AT).forms;
const fields = (html: string): string[] =>
  forms(`<form>${html}</form>`).flatMap((form) => form.fields.map(({ name, value }) => `${name}=${value}`));

/** What is sent of each field where nobody changes anything. */
const FIELDS: Record<string, [html: string, fields: string[]]> = {
  'a text field, with what it holds': ['<input name=a value="b c">', ['a=b c']],
  'a field without a value, empty': ['<input name=a>', ['a=']],
  'a hidden field, entities read': ['<input type=HIDDEN name="t[1]" value="&amp;&quot;&#x41;">', ['t[1]=&"A']],
  'no field without a name': ['<input value=b><input name="" value=c>', []],
  'no disabled field': ['<input name=a disabled><select name=b disabled><option>c</select>', []],
  'no button': ['<input type=submit name=a><button name=b value=c>d</button><input type=reset name=e>', []],
  'no file': ['<input type=file name=a>', []],
  'only boxes that are checked': ['<input type=checkbox name=a><input type=checkbox name=b checked>', ['b=on']],
  'the choice that is made': ['<input type=radio name=a value=1><input type=radio name=a value=2 checked>', ['a=2']],
  'a text area, without the line break it begins with': [
    '<textarea name=a>\n\nb &lt;i&gt; <i></textarea>',
    ['a=\nb <i> <i>'],
  ],
  'the first option where none is chosen': [
    '<select name=a><option disabled>x<option value=1>b<option>c</select>',
    ['a=1'],
  ],
  'the option that is chosen, by its words where it has no value': [
    '<select name=a><option>b<option selected> c\n d </select>',
    ['a=c d'],
  ],
  'every chosen option of a list': [
    '<select multiple name=a><option selected>b<option selected>c<option>d</select>',
    ['a=b', 'a=c'],
  ],
  'nothing of a list without a choice': ['<select multiple name=a><option>b</select>', []],
  'nothing that a comment, a script or a template holds': [
    '<!-- <input name=a> --><script>"<input name=b>"</script><template><input name=c></template><style><input name=d></style>',
    [],
  ],
  'what stands there for browsers without scripts': ['<noscript><input name=a value=b></noscript>', ['a=b']],
};
for (const [what, [html, expected]] of Object.entries(FIELDS)) {
  test(`a form sends ${what} (HTML, constructing the entry list)`, (t) => t.deepEqual(fields(html), expected));
}

test('a form around the rows of a table has the fields of the rows', (t) => {
  const [form] = forms('<table><form action=/x><tr><td><input name=a></td></tr><tr><td><input name=b></form></table>');
  t.deepEqual(
    form?.fields.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('a field belongs to the form it names, before or after it, and to none otherwise', (t) => {
  const [one, two, ...rest] = forms(
    '<input name=a form=two><form id=one><input name=b><input name=c form=two></form><input name=d><form id=two></form><form id=two></form>',
  );
  t.deepEqual(
    one?.fields.map(({ name }) => name),
    ['b'],
  );
  t.deepEqual(
    two?.fields.map(({ name }) => name),
    ['a', 'c'],
  );
  t.deepEqual(rest[0]?.fields, []);
});

test('a form in a form is none', (t) => {
  const all = forms('<form action=/a><form action=/b><input name=x></form><input name=y>');
  t.deepEqual(
    all.map(({ action, fields: own }) => [action, own.map(({ name }) => name)]),
    [['/a', ['x']]],
  );
});

test('links have their words, those of pictures and of names too', (t) => {
  const { links } = readPage(
    '<a href="/a?b&amp;c">Log\n <b>Out</b></a><a name=x>no link</a><a href=/d><img alt="Sign out"></a><a href=/e title=Leave>',
    AT,
  );
  t.deepEqual(links, [
    { href: '/a?b&c', label: 'Log Out' },
    { href: '/d', label: 'Sign out' },
    { href: '/e', label: 'Leave' },
  ]);
});

test('a page whose tree would fill the memory is read like any other', (t) => {
  const html = Array.from({ length: 100_000 }, (_, number) => `<b id=${number}><p>`).join('');
  t.is(readPage(`${html}<a href=/out>Log Out</a>`, AT).links.length, 1);
});

test('a tag with a hundred thousand attributes is read like any other', (t) => {
  const html = `<i ${Array.from({ length: 100_000 }, (_, number) => `a${number}`).join(' ')}>`;
  t.is(readPage(`${html}<a href=/out>Log Out</a>`, AT).links.length, 1);
});

/** What submitting the first form of a page sends. */
function sent(html: string, encoding = 'utf-8') {
  const page = readPage(html, AT);
  const [form] = page.forms;
  if (form === undefined) throw new Error('no form');
  const at: FormPlace = {
    place: { publicOrigin: PUBLIC, upstreamOrigin: 'http://10.0.4.12:8080' },
    page: AT,
    base: page.base,
    encoding,
  };
  const call = submission(form, form.fields, form.buttons[0], at);
  return (
    call && {
      method: call.method,
      url: call.url.href,
      type: call.body?.type,
      body: Buffer.from(call.body?.bytes ?? []).toString('latin1'),
      from: call.from?.href,
    }
  );
}

const INPUT = '<input name="a b" value="c&amp;d=&#228;&#10;e">';
const ENCODED = 'a+b=c%26d%3D%C3%A4%0D%0Ae';

test('a form is posted as browsers post it (HTML, form submission)', (t) => {
  t.deepEqual(sent(`<form method=Post action="../login?q=1#top">${INPUT}<button name=go value=1>Go</button></form>`), {
    method: 'POST',
    url: `${PUBLIC}/login?q=1`,
    type: 'application/x-www-form-urlencoded',
    body: `${ENCODED}&go=1`,
    from: AT.href,
  });
});

test('a form without a method is fetched, and its fields replace the query', (t) => {
  t.like(sent(`<form action="/find?q=1">${INPUT}</form>`), {
    method: 'GET',
    url: `${PUBLIC}/find?${ENCODED}`,
    body: '',
  });
});

test('a form without an action goes to its own page', (t) => {
  t.like(sent('<base href="/elsewhere/"><form method=post action=""></form>'), { url: AT.href });
});

test('addresses are relative to the base of the page', (t) => {
  t.like(sent('<base href="/elsewhere/"><form method=post action="login"></form>'), {
    url: `${PUBLIC}/elsewhere/login`,
  });
});

test('a form in parts arrives in parts', (t) => {
  const { type = '', body = '' } = sent(`<form method=post enctype=multipart/form-data>${INPUT}</form>`) ?? {};
  const [, boundary = ''] = /^multipart\/form-data; boundary=([\w-]{20,})$/.exec(type) ?? [];
  const value = Buffer.from('c&d=ä\r\ne').toString('latin1');
  t.is(body, `--${boundary}\r\nContent-Disposition: form-data; name="a b"\r\n\r\n${value}\r\n--${boundary}--\r\n`);
});

test('a picture that is a button tells where it was pressed', (t) => {
  t.is(sent('<form method=post><input type=image name=go alt=Go></form>')?.body, 'go.x=0&go.y=0');
});

test('a button may say where the form goes, and how', (t) => {
  const html = '<form action=/save><button formaction=/logout formmethod=post>Log out</button></form>';
  t.like(sent(html), { method: 'POST', url: `${PUBLIC}/logout` });
});

for (const action of ['https://evil.test/login', '//evil.test', 'javascript:alert(1)', 'mailto:a@evil.test']) {
  test(`a form that goes to ${action} is not sent`, (t) => {
    t.is(sent(`<form method=post action="${action}">${INPUT}</form>`), undefined);
  });
  test(`a form whose page is relative to ${action} is not sent there`, (t) => {
    const url = sent(`<base href="${action}"><form method=post action="x">${INPUT}</form>`)?.url;
    t.true(url === undefined || new URL(url).origin === PUBLIC);
  });
}

test('a form goes back in the encoding of its page', (t) => {
  t.is(sent('<form method=post><input name=a value="ä €"></form>', 'windows-1252')?.body, 'a=%E4+%80');
  t.is(sent('<form method=post><input name=a value="ä €"></form>', 'iso-8859-2')?.body, 'a=%E4+%26%238364%3B');
});

test('a page is read in the encoding that is sent with it, else in the one it names, else as UTF-8', (t) => {
  const body = (text: string): Buffer => Buffer.from(text, 'latin1');
  t.deepEqual(decodePage(body('\xe4'), 'text/html; charset="ISO-8859-1"'), { text: 'ä', encoding: 'windows-1252' });
  t.is(decodePage(body('<meta charset=latin1>\xe4'), 'text/html').text.at(-1), 'ä');
  t.is(decodePage(body('<meta http-equiv=x content="text/html; charset=koi8-r">\xc1'), 'text/html').text.at(-1), 'а');
  t.is(decodePage(body('<meta charset=latin1>\xc3\xa4'), 'text/html; charset=utf-8').text.at(-1), 'ä');
  t.deepEqual(decodePage(body('\xc3\xa4'), 'text/html; charset=nonsense'), { text: 'ä', encoding: 'utf-8' });
});

test('text that every encoding has is written the same in all', (t) => {
  for (const encoding of ['utf-8', 'windows-1252', 'koi8-r', 'shift_jis', 'utf-16le']) {
    t.is(Buffer.from(encodeText('a=b&c', encoding)).toString('latin1'), 'a=b&c');
  }
});

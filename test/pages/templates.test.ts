import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { html } from '../../gateway/pages/html.ts';
import { contrast } from '../../gateway/pages/look.ts';
import { openPages } from '../../gateway/pages/pages.ts';
import { fillIn, readTemplate, type View } from '../../gateway/pages/page-template.ts';
import { BUILT_IN_AS, COMMON, PAGE_NAMES, SHAPES, type Shape } from '../../gateway/pages/shapes.ts';
import { faultsInTemplate } from '../../gateway/pages/template-faults.ts';

const BUILT_IN = join(import.meta.dirname, '../../gateway/pages/templates');
const EVIL = `"'><script>alert(1)</script>&`;

const filled = (text: string, view: View): string => fillIn(readTemplate(text).pieces, view).text;

test('everything a template is filled in with is escaped, in text and in attributes alike', (t) => {
  const text = filled('<p title="{{name}}">{{name}}</p>', { name: EVIL });
  t.notRegex(text, /<script|"'>/);
  t.is(text.match(/&#60;script&#62;/g)?.length, 2);
});

test('our own HTML is HTML in text, and only text within an attribute', (t) => {
  const text = filled('<p title="{{name}}">{{name}}</p>', { name: html`<b class="x">${EVIL}</b>` });
  t.regex(text, /^<p title="&#60;b class=&#34;x&#34;&#62;/);
  t.regex(text, /"><b class="x">&#34;/);
});

test('a section is shown for each, with what is around it, and its opposite where there is none', (t) => {
  const text = '{{#apps}}{{of}}:{{name}} {{/apps}}{{^apps}}none of {{of}}{{/apps}}';
  t.is(filled(text, { of: 'us', apps: [{ name: 'a' }, { name: 'b' }] }), 'us:a us:b ');
  t.is(filled(text, { of: 'us', apps: [] }), 'none of us');
  t.is(filled(text, { of: 'us', apps: undefined }), 'none of us');
  t.is(filled('{{#name}}Hello {{name}}{{/name}}', { name: 'Ada' }), 'Hello Ada');
  t.is(filled('a{{! a remark }}b', {}), 'ab');
});

test('a name that every object has is no value', (t) => {
  t.is(filled('{{constructor}}{{#toString}}x{{/toString}}', {}), '');
});

/** The file, what stands in it, and what is said of it. */
const FAULTS: readonly (readonly [file: string, text: string, fault: string])[] = [
  ['refused.html', 'a\n{{titel}}', '2: has {{titel}}, which is not known here; did you mean {{title}}?'],
  ['refused.html', '{{{title}}}', '1: has "{{" that is none of {{name}}, {{#name}}, {{^name}}, {{/name}}'],
  ['refused.html', '{{title', '1: has "{{" that is none of {{name}}, {{#name}}, {{^name}}, {{/name}}'],
  ['refused.html', '\n{{#again}}<a href="{{url}}">', '2: has {{#again}} without {{/again}}'],
  ['refused.html', '{{#again}}\n{{/contact}}', '2: has {{/contact}} where {{/again}} belongs'],
  ['refused.html', '{{/again}}', '1: has {{/again}} where nothing is open'],
  ['refused.html', '{{again}}', '1: has {{again}}, which has names inside it; write {{#again}}…{{/again}}'],
  [
    'refused.html',
    '{{url}}',
    '1: has {{url}}, which is not known here; known here: lang, contact, title, message, quote, reasonLabel, code, requestLabel, requestId, again',
  ],
  [
    'refused.html',
    '<p title={{title}}>',
    '1: has {{title}} inside a tag; put it in text, or in the quotes of an attribute',
  ],
  [
    'refused.html',
    '<p x"{{title}}">',
    '1: has {{title}} inside a tag; put it in text, or in the quotes of an attribute',
  ],
  [
    'refused.html',
    '<!-- {{title}} -->',
    '1: has {{title}} inside a tag; put it in text, or in the quotes of an attribute',
  ],
  [
    'refused.html',
    '<p {{#again}}class="x"{{/again}}></p>',
    '1: has {{#again}} inside a tag; put the whole tag between',
  ],
  ['refused.html', '<p>\n<a href="x', '2: ends inside a tag'],
  ['refused.html', 'x\n<ScRipt>alert(1)</script>', '2: has <ScRipt>, which these pages do not take'],
  ['refused.html', '<form action="https://elsewhere.example"></form>', '1: has <form>, which these pages do not take'],
  ['refused.html', '<p\nonclick="x()">', '2: has an attribute onclick, which would do nothing here'],
  ['refused.html', '<p style="color:red">', '1: has an attribute style, which would do nothing here'],
  ['refused.html', '<a href="JavaScript:x()">', '1: has JavaScript: which would do nothing here'],
  [
    'refused.html',
    '<img src="https://cdn.example/logo.png">',
    '1: loads something from elsewhere; write src="data:image/…" or use pages.logo',
  ],
  ['page.html', '<main></main>', '1: has no {{content}}, without which the page is of no use'],
  ['post.html', '<h1>{{title}}</h1>', '1: has no {{form}}, without which the page is of no use'],
  ['refuse.html', '', '1: is no template; did you mean "refused.html"?'],
  ['refused.xx.html', '', '1: is no template; known are page.html'],
  ['style.css', 'p{}\n</style><script>', '2: has "<", which has no place in a style'],
  [
    'style.css',
    '@import "https://cdn.example/x.css"',
    '1: loads something from elsewhere, which these pages do not; write url(data:…)',
  ],
  [
    'style.css',
    'p{background:url(https://cdn.example/x)}',
    '1: loads something from elsewhere, which these pages do not; write url(data:…)',
  ],
];

for (const [file, text, fault] of FAULTS) {
  test(`${file} with ${JSON.stringify(text)} is a fault`, (t) => {
    const [first] = faultsInTemplate(file, text);
    t.true(`${first?.line}: ${first?.message}`.startsWith(fault), `${first?.line}: ${first?.message}`);
  });
}

test('the built-in templates have no fault, and use every name there is', (t) => {
  for (const name of PAGE_NAMES) {
    const text = readFileSync(join(BUILT_IN, `${BUILT_IN_AS[name] ?? name}.html`), 'utf8');
    t.deepEqual(faultsInTemplate(`${name}.html`, text), []);
    const names = (shape: Shape): string[] =>
      Object.entries(shape).flatMap(([key, inner]) => [key, ...(typeof inner === 'string' ? [] : names(inner))]);
    t.deepEqual(
      names(SHAPES[name]).filter((key) => !text.includes(`${key}}}`)),
      [],
      name,
    );
  }
  t.is(readdirSync(BUILT_IN).length, PAGE_NAMES.length - Object.keys(BUILT_IN_AS).length + 1);
  t.deepEqual(faultsInTemplate('style.css', readFileSync(join(BUILT_IN, 'style.css'), 'utf8')), []);
  t.true('contact' in COMMON);
});

test('docs/pages.md lists every template and every name it may use', (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/pages.md'), 'utf8');
  const names = (shape: Shape): string[] =>
    Object.entries(shape).flatMap(([key, inner]) => [key, ...(typeof inner === 'string' ? [] : names(inner))]);
  for (const name of PAGE_NAMES) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}.html\``)) ?? '';
    t.deepEqual(
      names(SHAPES[name]).filter((key) => !row.includes(`\`${key}\``)),
      [],
      name,
    );
  }
});

test('the operator’s template and style stand in the place of ours, the rest stays', (t) => {
  const templates = {
    'refused.html': '<h1>{{title}}</h1><p class="own">{{code}}</p>',
    'refused.de.html': '<h1>{{title}}</h1><p class="own">auf Deutsch</p>',
    'style.css': '.own{color:#123456}',
  };
  const pages = openPages({ language: 'en', templates });
  const facts = {
    status: 403,
    code: 'ACCESS_DENIED',
    message: 'No.',
    requestId: 'r',
    isExpired: false,
    again: undefined,
  };
  t.regex(pages.in('fr').failure(facts).html, /<h1>Accès refusé<\/h1><p class="own">ACCESS_DENIED<\/p>/);
  t.regex(pages.in('de').failure(facts).html, /auf Deutsch/);
  t.regex(pages.in('de').failure(facts).html, /\.own\{color:#123456\}<\/style>/);
  t.notRegex(pages.in('de').failure({ ...facts, status: 503 }).html, /class="own"/);
});

for (const [what, facts] of [
  ['an app’s title', { app: EVIL, nameId: 'x', url: 'https://x.example/' }],
  ['a NameID', { app: 'x', nameId: EVIL, url: 'https://x.example/' }],
  ['an address', { app: 'x', nameId: 'x', url: `https://x.example/?${EVIL}` }],
] as const) {
  test(`${what} is only text on every page`, (t) => {
    const pages = openPages({ language: 'en', contact: EVIL, organisation: EVIL, templates: {} }).in('en');
    const { app, nameId, url } = facts;
    const made = [
      pages.choice({ app, choices: [{ title: app, url, isLast: true }] }),
      pages.apps({ apps: [{ title: app, url }] }),
      pages.signedOut({ idp: 'partial', apps: [{ title: app, told: false }], returnTo: url, again: undefined }),
      pages.failure({ status: 403, code: app, message: app, requestId: app, isExpired: false, again: url }),
      pages.sendForm({ url, standIn: app, app, ask: nameId, back: url }),
      pages.lostForm({ code: 'FORM_GONE', message: app, requestId: app, back: url }),
      pages.post({ url, fields: { RelayState: app, [app]: nameId } }),
    ];
    for (const { html: text } of made) t.notRegex(text, /<script>alert|"'>/);
  });
}

test('a page that posts nothing lets nothing be posted, and only those of a logout may be framed', (t) => {
  const pages = openPages({ language: 'en', templates: {} }).in('en');
  const policy = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) =>
    headers['Content-Security-Policy'] ?? '';
  const refused = policy(
    pages.failure({ status: 403, code: 'X', message: 'x', requestId: 'x', isExpired: false, again: undefined }),
  );
  t.regex(refused, /default-src 'none'.*form-action 'none'.*frame-ancestors 'none'/);
  t.notRegex(refused, /script-src|img-src|unsafe/);
  const out = policy(pages.signedOut({ idp: 'told', apps: [], returnTo: undefined, again: undefined }));
  t.notRegex(out, /frame-ancestors/);
  t.regex(out, /form-action 'none'/);
  const post = policy(pages.post({ url: 'https://idp.example/', fields: {} }));
  t.notRegex(post, /frame-ancestors|form-action/);
});

test('contrast is that of WCAG', (t) => {
  t.is(contrast('#000000', '#ffffff'), 21);
  t.is(contrast('#777777', '#777777'), 1);
  t.is(contrast('#ffffff', '#767676').toFixed(2), '4.54');
});

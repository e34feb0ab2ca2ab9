// What a policy may say of cookies, sign-in and sign-out, and what is said of its faults.

import test from 'ava';
import { configured, faultsOf, load, WIKI } from '../config/folder.ts';

const more = (text: string): Record<string, string> => ({ 'policies/wiki.yaml': WIKI + text });

const FORM = 'page: /login, fields: { u: "${nameId}" }, signedInWhen: { cookie: SID }';

test('everything that may be said is read', (t) => {
  const [app] = configured(
    load(
      t,
      {
        'policies/secrets/wiki.yaml': 'alice@example.com: { user: alice, password: "1234" }\nbob: { user: "${env:P}" }',
        ...more(`cookies: { expose: [XSRF-TOKEN, "pref_*"] }
signIn:
  credentials: secrets/wiki.yaml
  form:
    page: /doku.php?do=login
    form: dw__login
    fields: { u: "\${credentials.user}", p: "\${env:P}", r: "" }
    signedInWhen: { cookie: "DW*" }
signOut:
  paths: [/logout, "/doku.php?do=logout&x=1", "POST /out"]
  call: { page: "/?x", follow: do=logout }
  deadline: 1500ms
  required: true
  returnTo: https://portal.example.com/
`),
      },
      { P: 'pw' },
    ),
  ).apps;
  t.deepEqual(app?.cookies, { keep: 'gateway', expose: ['XSRF-TOKEN', 'pref_*'] });
  t.deepEqual(app?.signIn, {
    credentials: new Map([
      [
        'corp/alice@example.com',
        new Map([
          ['user', 'alice'],
          ['password', '1234'],
        ]),
      ],
      ['corp/bob', new Map([['user', 'pw']])],
    ]),
    form: {
      page: '/doku.php?do=login',
      form: 'dw__login',
      fields: [
        { name: 'u', template: '${credentials.user}' },
        { name: 'p', template: 'pw' },
        { name: 'r', template: '' },
      ],
      signedInWhen: { kind: 'cookie', cookie: 'DW*' },
    },
  });
  t.deepEqual(app?.signOut, {
    paths: [
      { method: undefined, path: '/logout', query: [] },
      {
        method: undefined,
        path: '/doku.php',
        query: [
          ['do', 'logout'],
          ['x', '1'],
        ],
      },
      { method: 'POST', path: '/out', query: [] },
    ],
    call: { kind: 'follow', page: '/?x', follow: 'do=logout' },
    deadlineMs: 1500,
    required: true,
    returnTo: 'https://portal.example.com/',
  });
});

for (const [written, read] of [
  ['{ path: /logout }', { kind: 'call', method: 'GET', path: '/logout' }],
  ['{ method: POST, path: /logout }', { kind: 'call', method: 'POST', path: '/logout' }],
] as const) {
  test(`the goodbye ${written} is read`, (t) => {
    t.deepEqual(configured(load(t, more(`signOut: { call: ${written} }\n`))).apps[0]?.signOut.call, read);
  });
}

for (const [written, read] of [
  ['{ status: 200 }', { kind: 'status', status: 200 }],
  ['{ text: Welcome }', { kind: 'text', text: 'Welcome' }],
] as const) {
  test(`the sign of a sign-in ${written} is read`, (t) => {
    const form = FORM.replace('{ cookie: SID }', written);
    t.deepEqual(configured(load(t, more(`signIn: { form: { ${form} } }\n`))).apps[0]?.signIn?.form?.signedInWhen, read);
  });
}

const EITHER = 'needs either "path", with "method" where it is not GET, or "page" and "follow" together';
const ONE_OF = 'needs one of "cookie", "status" or "text"';

/** One thing wrong, and the one fault that comes of it. */
const FAULTS: Record<string, [written: string, fault: string]> = {
  'a place for cookies that is none': [
    'cookies: { keep: gatewy }',
    'cookies.keep: "gatewy" is not known here; did you mean "gateway"?',
  ],
  'a cookie name with a space': [
    'cookies: { expose: ["a b"] }',
    'cookies.expose[0]: "a b" is no cookie name; a "*" at its end, and there only, stands for any ending',
  ],
  'a pattern that is every cookie': [
    'cookies: { expose: ["*"] }',
    'cookies.expose[0]: "*" is no cookie name; a "*" at its end, and there only, stands for any ending',
  ],
  'a pattern with its star in the middle': [
    'cookies: { expose: ["a*b"] }',
    'cookies.expose[0]: "a*b" is no cookie name; a "*" at its end, and there only, stands for any ending',
  ],
  'cookies shown to a browser that has them all': [
    'cookies: { keep: browser, expose: [a] }',
    'cookies.expose: has no meaning where the browser has all cookies; leave it out',
  ],
  'a form without fields': [
    `signIn: { form: { ${FORM.replace('u: "${nameId}"', '')} } }`,
    'signIn.form.fields: names no field; write what the form calls them',
  ],
  'a template that names nothing known': [
    `signIn: { form: { ${FORM.replace('nameId', 'nameID')} } }`,
    `signIn.form.fields.u: the template has "\${nameID}", which names nothing known about a person; did you mean "\${nameId}"?`,
  ],
  'a template that is not closed': [
    `signIn: { form: { ${FORM.replace('${nameId}', '${nameId')} } }`,
    'signIn.form.fields.u: the template has "${nameId", which is not closed; write "${nameId}"',
  ],
  'credentials that stand nowhere': [
    `signIn: { form: { ${FORM.replace('nameId', 'credentials.user')} } }`,
    'signIn.form.fields.u: the template asks for credentials; write where they are, as "credentials: secrets/wiki.yaml"',
  ],
  'no sign of a sign-in': [
    `signIn: { form: { ${FORM.replace('cookie: SID', '')} } }`,
    `signIn.form.signedInWhen: ${ONE_OF}`,
  ],
  'two signs of a sign-in': [
    `signIn: { form: { ${FORM.replace('cookie: SID', 'cookie: SID, status: 200')} } }`,
    `signIn.form.signedInWhen: ${ONE_OF}`,
  ],
  'a status that is none': [
    `signIn: { form: { ${FORM.replace('cookie: SID', 'status: 20')} } }`,
    'signIn.form.signedInWhen.status: is no status',
  ],
  'a page that is a whole address': [
    `signIn: { form: { ${FORM.replace('/login', 'https://evil.test/login')} } }`,
    'signIn.form.page: "https://evil.test/login" is no path; write it from the root of the host, such as "/login"',
  ],
  "a page on somebody else's host": [
    'signOut: { call: { path: //evil.test/logout } }',
    'signOut.call.path: "//evil.test/logout" is no path; write it from the root of the host, such as "/logout"',
  ],
  'a page without what to follow': ['signOut: { call: { page: / } }', `signOut.call: ${EITHER}`],
  'what to follow without a page': ['signOut: { call: { follow: x } }', `signOut.call: ${EITHER}`],
  'an address and a page': ['signOut: { call: { path: /, page: /, follow: x } }', `signOut.call: ${EITHER}`],
  'a method for a page': ['signOut: { call: { method: POST, page: /, follow: x } }', `signOut.call: ${EITHER}`],
  'an empty goodbye': ['signOut: { call: {} }', `signOut.call: ${EITHER}`],
  'a method that is no way to sign out': [
    'signOut: { call: { method: DELETE, path: / } }',
    'signOut.call.method: "DELETE" is not known here; write one of GET, POST',
  ],
  'a goodbye that is required and not described': [
    'signOut: { required: true }',
    'signOut.required: asks for a goodbye that nothing describes; write "call"',
  ],
  'a sign-out path that is relative': [
    'signOut: { paths: [logout] }',
    'signOut.paths[0]: "logout" is no path; write "/logout", "/doku.php?do=logout" or "POST /logout"',
  ],
  'a sign-out path with a method in small letters': [
    'signOut: { paths: ["post /logout"] }',
    'signOut.paths[0]: "post /logout" is no path; write "/logout", "/doku.php?do=logout" or "POST /logout"',
  ],
  'a deadline without a unit': [
    'signOut: { deadline: 3 }',
    'signOut.deadline: "3" has no unit; write "3m" for minutes, or ms, s, h, d',
  ],
  'a deadline that no identity provider waits for': [
    'signOut: { deadline: 5m }',
    'signOut.deadline: "5m" is out of bounds: at least 1ms, at most 60s; write "3s"',
  ],
};
for (const [what, [written, fault]] of Object.entries(FAULTS)) {
  test(`${what} is one fault, with a remedy`, (t) => {
    const found = faultsOf(load(t, more(`${written}\n`)));
    t.deepEqual(
      found.map((line) => line.replace(/^wiki\.yaml:\d+ /, '')),
      [fault],
    );
  });
}

const CREDENTIALS = { ...more('signIn: { credentials: secrets/wiki.yaml }\n') };

for (const [what, text, fault] of [
  [
    'a credentials file that is not there',
    undefined,
    'wiki.yaml:6 signIn.credentials: "secrets/wiki.yaml" is not there',
  ],
  [
    'a password that YAML takes for a number',
    'a:\n  user: a\n  password: 1234567',
    'secrets/wiki.yaml:3 a.password: is a number; put it in quotes',
  ],
  ['credentials in a list', '- a: hunter2', 'secrets/wiki.yaml:1 : is a list; expected a section with names'],
  ['a NameID without credentials', 'a: hunter2', 'secrets/wiki.yaml:1 a: is text; expected a section with names'],
  ['credentials that are no YAML', 'a: { p: hunter2', 'secrets/wiki.yaml:1 : is no YAML'],
  ['a NameID that is there twice', 'a: { p: hunter2 }\na: { p: hunter2 }', 'secrets/wiki.yaml:2 : is no YAML'],
] as const) {
  test(`${what} is one fault, and no password stands in it`, (t) => {
    const found = faultsOf(load(t, { ...CREDENTIALS, 'policies/secrets/wiki.yaml': text }));
    t.is(found.length, 1);
    t.true(found[0]?.startsWith(fault), found[0]);
    t.false(found.join().includes('hunter2') || found.join().includes('1234567'));
  });
}

test('a NameID called like what every object has is only a NameID', (t) => {
  const [app] = configured(
    load(t, { ...CREDENTIALS, 'policies/secrets/wiki.yaml': 'constructor: { toString: x }' }),
  ).apps;
  t.is(app?.signIn?.credentials.get('corp/constructor')?.get('toString'), 'x');
  t.is(app?.signIn?.credentials.get('corp/hasOwnProperty'), undefined);
});

test('no password stands in a fault, wherever it was put', (t) => {
  for (const value of ['"${env:S}"', '["${env:S}"]', '{ a: "${env:S}" }', '"${env:S}${nameID}"', '"${x}${env:S}"']) {
    for (const written of [
      `signIn: { form: { page: /, fields: { p: ${value} }, signedInWhen: { status: 200 } } }`,
      `signIn: { form: { page: /, fields: ${value}, signedInWhen: ${value} } }`,
      `signIn: ${value}`,
      `signIn: { credentials: ${value} }`,
      `signOut: { paths: [${value}], call: ${value}, deadline: ${value} }`,
      `cookies: { keep: ${value}, expose: ${value} }`,
    ]) {
      const faults = faultsOf(load(t, more(`${written}\n`), { S: 'hunter2 ' }));
      t.false(faults.join('\n').includes('hunter2'), `${written}: ${faults.join('\n')}`);
    }
  }
});

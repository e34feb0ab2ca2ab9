import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { configured, faultsOf, GATEWAY, load } from './folder.ts';

const withPages = (text: string) => ({ 'policies/gateway.yaml': `${GATEWAY}pages: ${text}\n` });
const TEMPLATES = withPages('{ templates: ../pages }');
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

test('templates, style and logo are read at the start', (t) => {
  const { pages } = configured(
    load(t, {
      ...withPages('{ templates: ../pages, logo: ../pages/logo.svg, contact: help@example.com }'),
      'pages/refused.html': '<h1>{{title}}</h1>',
      'pages/style.css': 'h1{}',
      'pages/logo.svg': SVG,
      'pages/README.md': 'Ours.',
    }),
  );
  t.deepEqual(pages.templates, { 'refused.html': '<h1>{{title}}</h1>', 'style.css': 'h1{}' });
  t.is(pages.logo, `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}`);
  t.is(pages.language, 'en');
});

for (const [what, files, fault] of [
  [
    'a name that no page has',
    { ...TEMPLATES, 'pages/refused.html': '<h1>\n{{titel}}</h1>' },
    '../pages/refused.html:2 : has {{titel}}, which is not known here; did you mean {{title}}?',
  ],
  [
    'a file that is no template',
    { ...TEMPLATES, 'pages/refuse.html': '' },
    '../pages/refuse.html:1 : is no template; did you mean "refused.html"?',
  ],
  [
    'an ending that is not read',
    { ...TEMPLATES, 'pages/refused.htm': '' },
    '../pages/refused.htm:1 : is no template; did you mean "refused.html"?',
  ],
  [
    'a huge template',
    { ...TEMPLATES, 'pages/refused.html': 'x'.repeat(32 * 1024 + 1) },
    '../pages/refused.html : is larger than 32 KiB',
  ],
  ['no folder', TEMPLATES, 'gateway.yaml:9 pages.templates: "../pages" is no folder that can be read'],
  ['no logo', withPages('{ logo: x.svg }'), 'gateway.yaml:9 pages.logo: "x.svg" is not there'],
  [
    'a logo that is no picture',
    { ...withPages('{ logo: ../x.svg }'), 'x.svg': '<html><svg></svg></html>' },
    'gateway.yaml:9 pages.logo: "../x.svg" is no SVG, PNG, JPEG or WebP picture',
  ],
  [
    'a huge logo',
    { ...withPages('{ logo: ../x.svg }'), 'x.svg': SVG.padEnd(33 * 1024) },
    'gateway.yaml:9 pages.logo: "../x.svg" is larger than 32 KiB',
  ],
  [
    'a colour nobody can read',
    withPages('{ colours: { light: "#ffff00", dark: "#8fb0ff" } }'),
    'gateway.yaml:9 pages.colours.light: "#ffff00" has a contrast of 1 to 1 against #ffffff, and people need 4.5 to read it; take a darker one',
  ],
  [
    'a colour in words',
    withPages('{ colours: { light: blue, dark: "#8fb0ff" } }'),
    'gateway.yaml:9 pages.colours.light: "blue" is no colour; write "#" and six digits, such as "#2d5bd0"',
  ],
  [
    'a language there is not',
    withPages('{ language: dee }'),
    'gateway.yaml:9 pages.language: "dee" is not known here; did you mean "de"?',
  ],
  [
    'a contact of two lines',
    withPages('{ contact: "a\\nb" }'),
    'gateway.yaml:9 pages.contact: "a\\nb" has more than one line; write "help@example.com"',
  ],
] as const) {
  test(`${what} is a fault`, (t) => {
    const loaded = load(t, files);
    const folder = join(loaded.dir, '..');
    t.deepEqual(
      faultsOf(loaded).map((line) => line.replace(`${folder}/`, '../')),
      [fault],
    );
  });
}

test('a template that is a link out of its folder is not read, one within it is, as in a Kubernetes volume', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'curfew-pages-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const pages = join(root, 'pages');
  mkdirSync(join(pages, '..data-1'), { recursive: true });
  writeFileSync(join(root, 'secret'), 'secret');
  writeFileSync(join(pages, '..data-1', 'post.html'), '{{form}}');
  symlinkSync('..data-1', join(pages, '..data'));
  symlinkSync('..data/post.html', join(pages, 'post.html'));
  t.deepEqual(configured(load(t, withPages(`{ templates: ${pages} }`))).pages.templates, { 'post.html': '{{form}}' });
  symlinkSync('../secret', join(pages, 'refused.html'));
  t.deepEqual(faultsOf(load(t, withPages(`{ templates: ${pages} }`))), [
    `${pages}/refused.html : leads out of the folder, or nowhere`,
  ]);
});

test('a pipe in the place of a template holds nobody up', (t) => {
  const pages = mkdtempSync(join(tmpdir(), 'curfew-pages-'));
  t.teardown(() => rmSync(pages, { recursive: true, force: true }));
  execFileSync('mkfifo', [join(pages, 'refused.html')]);
  t.deepEqual(faultsOf(load(t, withPages(`{ templates: ${pages} }`))), [
    `${pages}/refused.html : is a pipe, and no file`,
  ]);
});

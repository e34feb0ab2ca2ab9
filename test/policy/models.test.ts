// Whatever way an application reads a path: if it ends up under /admin, a person without the right must not pass.

import test from 'ava';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import { decide } from '../../gateway/policy/decide.ts';
import { readings } from '../../gateway/policy/path.ts';
import { compileTable } from '../../gateway/policy/table.ts';
import type { AppPolicy } from '../../gateway/policy/settings.ts';
import { anApp, person } from './people.ts';

type Model = (path: string) => string;

const bytes = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');
const decode: Model = (path) =>
  path.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
/** Reads overlong forms as old decoders did: the low six bits count. */
const lax: Model = (path) =>
  decode(
    path.replace(/%c0%([ab][0-9a-f])/gi, (_, low: string) => String.fromCharCode(Number.parseInt(low, 16) & 0x3f)),
  );
const merge: Model = (path) => path.replace(/\/+/g, '/');
const dots: Model = (path) => {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/').replace(/^\/+/, '')}`;
};
const stripParameters: Model = (path) => path.replace(/;[^/]*/g, '');
const slashes: Model = (path) => path.replaceAll('\\', '/');
const windowsNames: Model = (path) => path.replace(/:\$?[^/]*/g, '').replace(/[. ]+(?=\/|$)/g, '');
const untilNul: Model = (path) => path.split('\0')[0] ?? '';
const cut: Model = (path) => path.split(/[?#]/)[0] ?? '';
const nodeUrl: Model = (path) => {
  try {
    return new URL(path, 'http://x').pathname;
  } catch {
    return '';
  }
};
const iisEscapes: Model = (path) =>
  path.replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const inTurn =
  (...steps: Model[]): Model =>
  (path) =>
    steps.reduce((sofar, step) => step(sofar), path);

const MODELS: Record<string, Model> = {
  literal: (path) => path,
  decoding: decode,
  nginx: inTurn(decode, merge, dots),
  'nginx without merging': inTurn(decode, dots),
  tomcat: inTurn(stripParameters, decode, merge, dots),
  'jetty, parameters after decoding': inTurn(decode, stripParameters, merge, dots),
  iis: inTurn(iisEscapes, lax, slashes, dots, windowsNames, merge, (path) => path.toLowerCase()),
  'decoding twice': inTurn(decode, decode, merge, dots),
  'decoding twice, backslashes': inTurn(decode, decode, slashes, dots),
  'dots before decoding': inTurn(dots, decode, merge),
  'C strings': inTurn(decode, untilNul, merge, dots),
  'decoding before taking apart': inTurn(decode, cut, merge, dots),
  'new URL': inTurn(nodeUrl, decode),
  normalising: inTurn(decode, (path) => path.normalize('NFKC'), merge, dots),
};

const LEADS = [
  '/',
  '//',
  '///',
  '/x/../',
  '/x/..;/',
  '/x/..;a=b/',
  '/%2e%2e/',
  '/public/%2e%2E/',
  '/public/.%2e/',
  '/x%2f..%2f',
  '/public/..%2f',
  '/public/..%5c',
  '/public\\..\\',
  '/;/',
  '/;a=b/',
  '/./',
  '/.;/',
  '/%252e%252e/',
  '/public/..%252f',
  '/public/%252e%252e%252f',
  '//host/',
  '/public/%c0%ae%c0%ae/',
  '/public/%c0%af../',
  '/%2f',
  '/%252f',
  '/public/%u002e%u002e/',
  '/public/%ef%bc%8e%ef%bc%8e/',
  '/public/..%00/',
  '/%5c',
  '/public%5c..%5c',
  '/public/x/../../',
];
const NAMES = [
  'admin',
  'ADMIN',
  '%61dmin',
  '%2561dmin',
  'admin%00',
  'admin%00.css',
  'admin;x',
  'admin%3bx',
  'admin.',
  'admin%20',
  'admin%20.',
  '%EF%BD%81dmin',
  'adm%69n',
  'admin::$DATA',
  'admin:$i30:$INDEX_ALLOCATION',
  'admin%3f',
  'admin%23',
  'admin%253f',
  '%u0061dmin',
];
const TAILS = [
  '',
  '/',
  '/x',
  '//x',
  '/./x',
  ';/x',
  '%2fx',
  '%252fx',
  '\\x',
  '%5cx',
  '/../admin/x',
  '/%2e',
  '?q',
  '/public/x',
  '%2f..%2fpublic',
];

const POLICIES: Record<string, AppPolicy['access']> = {
  'rights for /admin, others signed in': [
    { paths: ['/public/**'], allow: { kind: 'anyone' } },
    { paths: ['/admin/**'], allow: { kind: 'attributes', required: [['groups', ['admins']]] } },
    { allow: { kind: 'authenticated' } },
  ],
  'nobody for /admin, anyone elsewhere': [
    { paths: ['/admin/**'], allow: { kind: 'nobody' } },
    { allow: { kind: 'anyone' } },
  ],
};

for (const [name, access] of Object.entries(POLICIES)) {
  test(`no spelling reaches /admin without the right, however the application reads it: ${name}`, (t) => {
    const table = compileTable([anApp(access)]);
    const reached = new Set<string>();
    const past: string[] = [];
    for (const target of LEADS.flatMap((lead) => NAMES.flatMap((name) => TAILS.map((tail) => lead + name + tail)))) {
      const seen = bytes(target.split('?')[0] ?? '');
      const reaching = Object.keys(MODELS).filter((model) => /^\/admin(?:\/|$)/.test(MODELS[model]?.(seen) ?? ''));
      for (const model of reaching) reached.add(model);
      const read = readings(target);
      const app = read === 'ambiguous' ? read : table.find('wiki.example.com', read);
      if (read === 'ambiguous' || typeof app !== 'object') continue;
      if (reaching.length > 0 && decide(app, read, 'GET', person(), 0 as EpochMs).outcome === 'pass')
        past.push(`${target} (${reaching.join(', ')})`);
    }
    t.deepEqual(past, []);
    t.deepEqual([...reached].sort(), Object.keys(MODELS).sort(), 'every model is reached by some path');
  });
}

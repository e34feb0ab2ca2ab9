// `curfew explain` beside a whole gateway: what it reads, what it says, and that it does nothing.

import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { logoutRequestXml } from '../../demo/identity-provider/messages.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { runCommand } from '../../gateway/cli/command.ts';
import { explain } from '../../gateway/cli/explain.ts';
import { stage, type Stage, type StageOptions } from '../support/gateway.ts';
import {
  fieldsFor,
  formFor,
  post,
  postSoap,
  redirectFor,
  signed,
  SUCCESS,
  soapCodes,
  soapFor,
} from '../support/logout-requests.ts';

interface Said {
  readonly accepted: boolean;
  readonly codes: readonly string[];
  readonly kind: string;
  readonly binding: string;
  readonly vouched: boolean;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly checks: readonly { readonly number: number; readonly outcome: string; readonly why?: string }[];
  readonly notes: readonly string[];
  readonly sessions?: { readonly meant: readonly { readonly nameId: string }[]; readonly others: readonly unknown[] };
  readonly xml: string;
}

async function run(scene: Stage, capture: string, ...words: readonly string[]) {
  const file = join(scene.folder, 'capture');
  await writeFile(file, capture);
  const [output, complaints]: [string[], string[]] = [[], []];
  const admin = `127.0.0.1:${scene.running.admin.port}`;
  const argv = ['explain', file, '--policies', scene.folder, '--at', 'issued', '--admin', admin, ...words];
  const code = await runCommand(
    [explain],
    argv,
    {},
    {
      print: (text) => void output.push(text),
      complain: (text) => void complaints.push(text),
    },
  );
  return { code, output: output.join('\n'), complaints: complaints.join('\n') };
}

async function said(scene: Stage, capture: string, ...words: readonly string[]): Promise<Said> {
  const { output, complaints } = await run(scene, capture, '--json', ...words);
  if (output === '') throw new Error(complaints);
  return JSON.parse(output) as Said;
}

async function withAlice(t: ExecutionContext, options: StageOptions = {}): Promise<Stage> {
  const scene = await stage(t, options);
  await scene.signedIn('alice', scene.at('wiki'));
  await scene.signedIn('bob', scene.at('wiki'));
  return scene;
}

test('it names the session that a LogoutRequest would end, and ends nothing', async (t) => {
  const scene = await withAlice(t);
  const message = soapFor(scene, 'alice');
  for (const _again of [1, 2]) {
    const found = await said(scene, message);
    t.deepEqual(found.codes, []);
    t.like(found, { accepted: true, kind: 'LogoutRequest', binding: 'soap', vouched: true });
    t.deepEqual(
      found.sessions?.meant.map(({ nameId }) => nameId),
      ['alice@example.test'],
    );
  }
  t.is(await scene.running.parts.doors.sessions.count(), 2);
  t.is((await run(scene, message)).code, 0);
  // Not used up either: the very message still signs her out, once.
  t.deepEqual(soapCodes(scene, await postSoap(scene, message)), SUCCESS);
  t.deepEqual((await said(scene, message)).sessions?.meant, []);
});

test('a message is read however it was captured', async (t) => {
  const scene = await withAlice(t);
  const redirect = redirectFor(scene, 'alice');
  const query = redirect.slice(redirect.indexOf('?') + 1);
  const form = formFor(scene, 'alice');
  const [, value = ''] = /SAMLRequest=([^&]*)/.exec(form) ?? [];
  const xml = signed(scene, fieldsFor(scene, 'alice', [], '/saml/slo'));
  const html = `<form><input type="hidden" name="SAMLRequest" value="${decodeURIComponent(value)}"/></form>`;
  const captures: Readonly<Record<string, [string, string]>> = {
    address: [redirect, 'redirect'],
    'address, broken into lines': [redirect.replaceAll(/(.{70})/g, '$1\n'), 'redirect'],
    'Location header': [`Location: ${redirect}`, 'redirect'],
    query: [query, 'redirect'],
    'request line': [`GET /saml/slo?${query} HTTP/1.1\r\nHost: login.test\r\n\r\n`, 'redirect'],
    form: [form, 'post'],
    'POST request': [`POST /saml/slo HTTP/1.1\nContent-Length: 9\n\n${form}`, 'post'],
    page: [html, 'post'],
    'base64, percent-encoded': [value, 'post'],
    base64: [decodeURIComponent(value), 'post'],
    xml: [`\n${xml}\n`, 'post'],
    soap: [soapFor(scene, 'alice', [], '/saml/slo'), 'soap'],
  };
  for (const [name, [capture, binding]] of Object.entries(captures)) {
    const found = await said(scene, capture);
    t.deepEqual(found.codes, [], name);
    t.like(found, { kind: 'LogoutRequest', binding, vouched: true }, name);
    t.is(found.sessions?.meant.length, 1, name);
  }
});

test('the message of a Redirect without its query is shown, and nobody is said to have signed it', async (t) => {
  const scene = await withAlice(t);
  const [, value = ''] = /SAMLRequest=([^&]*)/.exec(redirectFor(scene, 'alice')) ?? [];
  const found = await said(scene, value);
  t.deepEqual(found.codes, []);
  t.false(found.vouched);
  t.regex(found.checks.find(({ number }) => number === 5)?.why ?? '', /in the query/);
  t.is(found.checks.find(({ number }) => number === 13)?.outcome, 'not judged');
});

test('every fault is named at once, with what was seen and what to do', async (t) => {
  const scene = await withAlice(t);
  const fields = {
    ...fieldsFor(scene, 'alice'),
    destination: 'https://elsewhere.example/slo',
    issuer: 'https://nobody.example',
  };
  const { code, output } = await run(scene, logoutRequestXml(fields), '--at', '2001-01-01T00:00:00Z');
  t.is(code, 1);
  for (const fault of ['SAML_UNSIGNED', 'SAML_ISSUER', 'SAML_DESTINATION_MISMATCH', 'SAML_ISSUE_INSTANT'])
    t.regex(output, new RegExp(`${fault}:`));
  t.regex(output, /received: https:\/\/elsewhere\.example\/slo/);
  t.regex(output, /no trusted key vouches/);
  t.regex(output, /would end if it were not refused: 1/);
  t.regex(output, /31 {2}its ID is its own.*\[asks the running gateway’s memory\]/);
});

test('another key and a changed message are told apart, with the certificates to compare', async (t) => {
  const scene = await withAlice(t);
  const xml = signed(scene, fieldsFor(scene, 'alice'));
  const changed = await run(scene, xml.replace('alice@', 'bob@'));
  t.regex(changed.output, /a trusted key signed, and the message was changed afterwards/);
  t.notRegex(changed.output, /trusted: /);
  const fields = fieldsFor(scene, 'alice');
  const keys = await newKeys('other', new Date(scene.clock.now()));
  const other = await run(scene, signEnveloped(logoutRequestXml(fields), fields.id ?? '', keys));
  t.regex(other.output, /none of the trusted keys made this signature/);
  t.regex(other.output, /its certificate .*NOT in the metadata of corp/);
  const { fingerprint256 } = new X509Certificate(scene.idp.keys.certificate);
  t.true(other.output.includes(`trusted: ${fingerprint256}`));
});

test('a session under another name with the same SessionIndex is shown as such', async (t) => {
  const scene = await withAlice(t);
  const index = scene.idp.sessions()[0]?.sessionIndex ?? '';
  const { output } = await run(scene, soapFor(scene, 'carol', [index]));
  t.regex(output, /would end: 0/);
  t.regex(output, /PartialLogout/);
  t.regex(output, /match: sessionIndex/);
  t.regex(output, /alice@example\.test/);
});

test('a session whose NameID differs by letter case only is shown, with what brings the names together', async (t) => {
  const scene = await withAlice(t);
  const { output } = await run(scene, soapFor(scene, 'Alice'));
  t.regex(output, /would end: 0/);
  t.regex(output, /1 whose NameID differs by letter case/);
  t.regex(output, /match: sessionIndex/);
  t.regex(output, /  alice@example\.test/);
});

test('where no gateway runs it says so, and judges all the same', async (t) => {
  const scene = await withAlice(t);
  const { code, output } = await run(scene, soapFor(scene, 'alice'), '--admin', '127.0.0.1:1');
  t.is(code, 0);
  t.regex(output, /sessions: not known, because no gateway answers at http:\/\/127\.0\.0\.1:1/);
});

test('what is no message, no file or no time is said in words', async (t) => {
  const scene = await stage(t);
  for (const [words, complaint] of [
    [['explain'], /name one file/],
    [['explain', join(scene.folder, 'not-there')], /cannot be read/],
    [['explain', join(scene.folder, 'wiki.yaml')], /expected a SAMLRequest/],
    [['explain', '-', '--at', 'noon'], /--at/],
  ] as const) {
    const complaints: string[] = [];
    const code = await runCommand(
      [explain],
      [...words, '--policies', scene.folder],
      {},
      {
        print: () => t.fail(),
        complain: (text) => void complaints.push(text),
      },
    );
    t.is(code, 2);
    t.regex(complaints.join('\n'), complaint);
  }
});

test('what a stranger wrote cannot steer the terminal, and a signature is not shown whole', async (t) => {
  const scene = await withAlice(t);
  const fields = { ...fieldsFor(scene, 'alice'), nameId: { value: 'al\u200bice\u009b2J\u202e@example.test' } };
  const xml = signed(scene, fields);
  for (const words of [[], ['--json']]) {
    const { output } = await run(scene, xml, ...words);
    t.notRegex(output, /[\u0080-\u009f\u200b\u202e]/);
    t.regex(output, /\\u009b/);
    t.false(output.includes(/SignatureValue>([^<]{60})/.exec(xml)?.[1] ?? 'none'));
  }
});

test('the admin address tells no page of a browser, and takes no list it cannot read for none', async (t) => {
  const scene = await withAlice(t);
  const url = `http://127.0.0.1:${scene.running.admin.port}/sessions/meant`;
  const named = { idp: 'corp', nameId: { value: 'alice@example.test' }, sessionIndexes: [] };
  const json = { 'content-type': 'application/json' };
  const ask = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    post(url, JSON.stringify(body), { ...json, ...headers });
  t.is((await ask(named)).status, 200);
  t.is((await ask(named, { origin: 'http://127.0.0.1:9090' })).status, 403);
  t.is((await ask(named, { 'sec-fetch-site': 'same-origin' })).status, 403);
  t.is((await ask({ ...named, idp: 'nobody' })).status, 404);
  for (const change of [
    { sessionIndexes: undefined },
    { sessionIndexes: 'all' },
    { sessionIndexes: [1] },
    { nameId: {} },
  ])
    t.is((await ask({ ...named, ...change })).status, 400);
  t.is((await post(url, 'x'.repeat(70_000), json)).status, 400);
  t.is((await post(url, 'null', json)).status, 400);
});

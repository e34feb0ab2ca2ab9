// One setting after the other while the gateway runs: keys that are replaced, limits, pages, the operator's token; and files that others write as they do.

import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { OPEN, scenery, stage, type Stage } from '../support/gateway.ts';
import { headerValues } from '../support/upstream.ts';
import { curfew, serving } from './child.ts';

const changed = async (scene: Stage, name: string, change: (text: string) => string) => {
  const file = join(scene.folder, name);
  await writeFile(file, change(await readFile(file, 'utf8')));
  return scene.running.reload('signal');
};

const OURS = 'keys: [{ key: sp.key, cert: sp.crt }]';

test('a key of saml.keys is put behind, then in front, then alone, and people sign in and out all the while', async (t) => {
  const scene = await stage(t);
  const keys = await newKeys('next', new Date('2026-01-01T00:00:00Z'));
  const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeFile(join(scene.folder, 'next.key'), pem);
  await writeFile(join(scene.folder, 'next.crt'), keys.certificate);
  const [former, next] = ['{ key: sp.key, cert: sp.crt }', '{ key: next.key, cert: next.crt }'];
  let now = OURS;
  for (const [list, published] of [
    [[former, next], 2],
    [[next, former], 2],
    [[next], 1],
  ] as const) {
    const wanted = `keys: [${list.join(', ')}]`;
    t.is((await changed(scene, 'gateway.yaml', (text) => text.replace(now, wanted))).result, 'applied', wanted);
    now = wanted;
    const { body } = await scene.browser().request(`${scene.url}/saml/metadata`);
    t.is(body.split('use="signing"').length - 1, published);
    // Whoever has the metadata of the step before knows the key of this one.
    const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
    t.is((await browser.visit(scene.at('wiki', '/page'))).status, 200);
    const said = await scene.idp.signOutEverywhere('alice');
    t.deepEqual(
      said[0]?.codes.map((code) => code.split(':').at(-1)),
      ['Success'],
    );
    scene.idp.registerServiceProvider(body);
  }
});

test('a key of jwt.keys that comes first signs from then on, and what the one before has signed can still be checked', async (t) => {
  const pem = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const wiki = OPEN('wiki').replace('identity:\n', 'identity:\n  jwt: { header: X-Who }\n');
  const scene = await stage(t, {
    apps: { wiki },
    files: { 'one.key': pem(), 'two.key': pem() },
    gateway: 'jwt: { keys: [one.key] }',
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const kid = async (): Promise<string> => {
    await browser.visit(scene.at('wiki', '/again'));
    const [token = ''] = headerValues(scene.upstream.requests.at(-1) ?? { rawHeaders: [] }, 'X-Who');
    return (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  };
  const before = await kid();
  t.is(
    (await changed(scene, 'gateway.yaml', (text) => text.replace('[one.key]', '[two.key, one.key]'))).result,
    'applied',
  );
  const after = await kid();
  t.not(after, before);
  const { body } = await browser.request(scene.at('wiki', '/.curfew/jwks.json'));
  t.deepEqual(
    (JSON.parse(body) as { keys: { kid: string }[] }).keys.map((key) => key.kid),
    [after, before],
  );
});

test('admin.token, limits and pages count from the next request on', async (t) => {
  const [old, fresh] = ['an-old-token-of-thirty-two-characters', 'a-new-token-of-thirty-two-characters-'];
  const scene = await stage(t, { gateway: `admin: { token: ${old} }` });
  scene.secrets.add('admin.token', old);
  const at = `http://127.0.0.1:${scene.running.admin.port}/sessions`;
  const asked = async (token: string) =>
    (await fetch(at, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } })).status;
  const upload = async () => {
    const sent = { method: 'POST', body: 'x'.repeat(2000), mode: 'fetch' } as const;
    return (await scene.browser().request(scene.at('wiki', '/public/x'), sent)).status;
  };
  const page = async () => (await scene.browser().visit(scene.at('wiki', '/.curfew/nothing'))).body;
  t.deepEqual([await asked(old), await asked(fresh), await upload()], [200, 401, 200]);
  t.notRegex(await page(), /Example Corporation/);
  const told = await changed(
    scene,
    'gateway.yaml',
    (text) => `${text.replace(old, fresh)}pages: { organisation: Example Corporation }\n`,
  );
  t.is(told.result, 'applied');
  t.is((await changed(scene, 'wiki.yaml', (text) => `${text}limits: { body: 1KiB }\n`)).result, 'applied');
  t.deepEqual([await asked(old), await asked(fresh), await upload()], [401, 200, 413]);
  t.regex(await page(), /Example Corporation/);
});

test('a folder that Kubernetes swaps by its link `..data` is taken over, whole', async (t) => {
  const scene = await stage(t);
  const { folder } = scene;
  const put = async (version: string, host: string) => {
    await mkdir(join(folder, version));
    for (const app of ['wiki', 'chat'])
      await writeFile(
        join(folder, version, `${app}.yaml`),
        OPEN(`${app}${host}`).replaceAll('${UPSTREAM}', scene.upstream.url),
      );
    await symlink(version, join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  await put('..2026_1', '');
  for (const app of ['wiki', 'chat']) {
    await rm(join(folder, `${app}.yaml`));
    await symlink(`..data/${app}.yaml`, join(folder, `${app}.yaml`));
  }
  t.is((await scene.running.reload('signal')).result, 'unchanged', 'the same words behind links');
  const before = scene.running.parts;
  for (let looks = 0; looks < 3; looks += 1) await scene.running.look();
  t.is(scene.running.parts, before);
  await put('..2026_2', '2');
  await rm(join(folder, '..2026_1'), { recursive: true });
  for (let looks = 0; looks < 2; looks += 1) await scene.running.look();
  t.deepEqual(
    scene.running.parts.doors.apps.map(({ app }) => app),
    ['chat2', 'wiki2'],
  );
});

test('a file that is half written is waited for, or refused with what was there kept, until it is whole', async (t) => {
  // It looks when it is told to, and at no moment of its own.
  const scene = await stage(t, { gateway: 'reload: { onChange: false }' });
  const whole = OPEN('renamed').replaceAll('${UPSTREAM}', scene.upstream.url);
  const file = join(scene.folder, 'wiki.yaml');
  const apps = () => scene.running.parts.doors.apps.map(({ app }) => app);
  // As much of it at each look as there was time for.
  for (const length of [10, 40, 90, 160]) {
    await writeFile(file, whole.slice(0, length));
    await scene.running.look();
  }
  t.deepEqual(
    scene.lines.filter(({ event }) => event === 'configuration-refused'),
    [],
    'nobody was told of a half',
  );
  await scene.running.look();
  t.is(scene.lines.filter(({ event }) => event === 'configuration-refused').length, 1, 'who stops there is told');
  t.deepEqual(apps(), ['chat', 'wiki']);
  await writeFile(file, whole);
  for (let looks = 0; looks < 2; looks += 1) await scene.running.look();
  t.deepEqual(apps(), ['chat', 'renamed']);
});

test.serial('another audit.file is written from then on, and one that cannot be opened changes nothing', async (t) => {
  const { folder } = await scenery(t, { gateway: 'reload: { onChange: false }\naudit: { file: one.jsonl }' });
  const child = await serving(t, folder);
  const yaml = await readFile(join(folder, 'gateway.yaml'), 'utf8');
  const reload = async (file: string) => {
    await writeFile(join(folder, 'gateway.yaml'), yaml.replace('one.jsonl', file));
    return curfew(t, 'reload', '--policies', folder, '--admin', child.admin);
  };
  const refused = await reload('wiki.yaml/all.jsonl');
  t.is(refused.code, 2, refused.output);
  t.is((await reload('two.jsonl')).code, 0);
  t.is(await child.stop('SIGTERM'), 0);
  t.notRegex(await readFile(join(folder, 'one.jsonl'), 'utf8'), /reloaded/);
  t.regex(await readFile(join(folder, 'two.jsonl'), 'utf8'), /"what":"reloaded"/);
});

// The audit file of a gateway as operators run it, through a crash.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import * as z from 'zod';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { openBrowser } from '../support/browser.ts';
import { scenery, signIn } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { curfew, serving } from './child.ts';

const SCHEMA = z.fromJSONSchema(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/audit.schema.json'), 'utf8')) as Parameters<
    typeof z.fromJSONSchema
  >[0],
);

test.serial(
  'the audit file has a documented line for all that happened, survives a crash, and shows what was changed (P13)',
  async (t) => {
    const scene = await scenery(t, { gateway: 'audit: { file: audit.jsonl }' });
    const first = await serving(t, scene.folder);
    const browser = openBrowser();
    t.teardown(() => browser.close());
    scene.idp.registerServiceProvider((await browser.request(`${scene.url}/saml/metadata`)).body);
    await signIn(browser, 'bob', `http://wiki.test:${scene.port}/`);
    t.is((await browser.request(`http://wiki.test:${scene.port}/admin/x?secret=1`)).status, 403);
    await first.stop('SIGKILL');
    const second = await serving(t, scene.folder);
    const body = soapFor({ ...scene, clock: systemClock }, 'bob');
    t.is((await postSoap(scene, body)).status, 200);
    t.is((await postSoap(scene, body)).status, 200);
    await postSoap(scene, body.replace('bob', 'eve'));
    t.is(await second.stop('SIGTERM'), 0);
    const file = join(scene.folder, 'audit.jsonl');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    for (const line of lines) t.true(SCHEMA.safeParse(JSON.parse(line)).success, line);
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    t.deepEqual(events, [
      ...['file', 'configuration', 'sign-in', 'access-denied'],
      ...['configuration', 'session-ended', 'logout-request', 'logout-request', 'refused'],
    ]);
    t.false(SCHEMA.safeParse({ ...(JSON.parse(lines[2] ?? '') as object), more: 1 }).success);
    t.notRegex(JSON.stringify([first.lines, second.lines]), /bob@|audit"/);

    const verify = ['audit', 'verify', file, '--policies', scene.folder];
    const good = await curfew(t, ...verify);
    t.is(good.code, 0, good.complaints);
    t.regex(good.output, /^9 lines, each as it was written/);
    writeFileSync(file, `${lines.toSpliced(3, 1).join('\n')}\n`);
    const bad = await curfew(t, ...verify);
    t.is(bad.code, 1);
    t.regex(bad.complaints, /audit\.jsonl:4 does not follow/);
    const none = await curfew(t, 'audit', 'verify', `${file}.gone`, '--policies', scene.folder);
    t.is(none.code, 2);
    t.regex(none.complaints, /^a file cannot be read: .*audit\.jsonl\.gone/m);
  },
);

// A gateway with an address for administrators who sign in, for its tests.

import type { SessionsFacts } from '../../gateway/pages/sessions-page.ts';
import type { Browser } from '../support/browser.ts';
import type { Stage, StageOptions } from '../support/gateway.ts';

export const ADMINS = '{ attributes: { groups: [admins] } }';
export const ADMIN = (access = `[{ allow: ${ADMINS} }]`, more = ''): StageOptions => ({
  gateway: `admin: { url: "http://admin.localhost:\${PORT}", access: ${access}${more} }`,
});
export const admin = (scene: Pick<Stage, 'url'>, path = '/sessions'): string =>
  `http://admin.localhost:${new URL(scene.url).port}${path}`;
export const JSON_ONLY = { accept: 'application/json' };
export const facts = async (scene: Stage, browser: Browser): Promise<SessionsFacts> =>
  JSON.parse((await browser.request(admin(scene), { mode: 'fetch', headers: JSON_ONLY })).body) as SessionsFacts;
export const actions = ({ audit }: Pick<Stage, 'audit'>) => audit.filter(({ event }) => event === 'administrator');
export const idOf = async (scene: Stage, browser: Browser, name: string): Promise<string> =>
  (await facts(scene, browser)).sessions.find(({ nameId }) => nameId.startsWith(name))?.id ?? '';
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

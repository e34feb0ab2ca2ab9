// Requests: by live sessions, by size, by what a policy asks for.

import { readFileSync } from 'node:fs';
import { visit, signIn } from '../people.ts';
import { BARE, startBare, startHello } from '../peers/bare.ts';
import { BARE_APACHE } from '../peers/apache.ts';
import { mellon } from '../peers/mellon.ts';
import { SHIBBOLETH } from '../peers/shibboleth.ts';
import { TOLD } from '../peers/curfew.ts';
import { openFolder } from '../program.ts';
import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import { comparison, type Table } from '../table.ts';
import { withCookies, type Peer, type Target } from '../target.ts';

const load = (plan: Plan, path: string) => ({ path, connections: plan.connections, seconds: plan.seconds });

/** 1 KiB for one session after another; all peers as long as they keep up. */
export async function bySessions(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const sessions of plan.sessions) {
    const isFirst = sessions === plan.sessions[0];
    const knowing = sessions <= plan.peerSessions ? [stand.apache(mellon(sessions)), stand.apache(SHIBBOLETH)] : [];
    const bare = isFirst ? [...(await bareOnes(stand)), await stand.apache(BARE_APACHE)] : [];
    const start = async () => [await stand.curfew({ name: 'curfew' }), ...(await Promise.all(knowing)), ...bare];
    const table = await stand.with(start, async (peers) => {
      stand.say(`1 KiB, ${sessions} live sessions`);
      const targets = await stand.signedIn(peers, sessions);
      for (const target of targets) await visitEach(target);
      return comparison(targets, load(plan, '/1k'), plan, {
        title: `1 KiB, ${sessions.toLocaleString('en')} live ${sessions === 1 ? 'session' : 'sessions'}`,
        note: 'Every request with the cookie of the next session, each of which was asked for once before. Bare proxies know no session.',
      });
    });
    tables.push(table);
  }
  return tables;
}

/** The first request of a session has it looked up, wherever it is kept: once each, before anything is measured. */
async function visitEach({ url, cookieFile }: Target): Promise<void> {
  if (cookieFile === undefined) return;
  const cookies = readFileSync(cookieFile, 'utf8').split('\n');
  await visit(
    url,
    '/1k',
    cookies.filter((cookie) => cookie !== ''),
  );
}

/** Longer answers, and uploads, in one session. */
export async function bySize(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  const start = async () => [
    await stand.curfew({ name: 'curfew' }),
    await stand.apache(BARE_APACHE),
    await bareOne(stand, 'nginx'),
  ];
  return stand.with(start, async (peers) => {
    const targets = await stand.signedIn(peers, 1);
    const tables: Table[] = [];
    const note = 'One session; bare proxies beside it.';
    stand.say('64 KiB, 10 MiB, uploads of 1 MiB');
    tables.push(await comparison(targets, load(plan, '/64k'), plan, { title: '64 KiB', note }));
    const long = { ...load(plan, '/10m'), connections: 8 };
    tables.push(await comparison(targets, long, plan, { title: '10 MiB, 8 connections', note }));
    const upload = { ...load(plan, '/upload'), connections: 8, uploadBytes: 1024 ** 2 };
    tables.push(await comparison(targets, upload, plan, { title: 'Uploads of 1 MiB, 8 connections', note }));
    return tables;
  });
}

/** What a policy, a store or TLS adds; each beside the plain one. */
export async function byPolicy(stand: Stand, plan: Plan, redis: string | undefined): Promise<readonly Table[]> {
  const people = Math.min(1000, plan.peerSessions);
  const variants: readonly (() => Promise<Peer>)[] = [
    () => stand.curfew({ name: 'curfew' }),
    () => stand.curfew({ name: 'with cookies of the app in its jar' }),
    () => stand.curfew({ name: 'cookies kept by the browser', policy: `${TOLD}cookies: { keep: browser }\n` }),
    () => stand.curfew({ name: 'https', https: true }),
    ...(redis === undefined ? [] : [() => stand.curfew({ name: 'Redis', store: redis })]),
  ];
  if (redis === undefined) stand.say('redis-server is not installed: left out');
  const table = await stand.with(
    () => Promise.all(variants.map((start) => start())),
    async (peers) => {
      stand.say('jar, browser cookies, https, Redis');
      const targets = [];
      for (const peer of peers) {
        if (peer.saml === undefined) continue;
        const cookies = (await signIn(stand.idp, peer.saml, people, peer.roots)).people.map(({ cookie }) => cookie);
        if (peer.name.includes('jar')) await visit(peer.url, '/cookie', cookies);
        targets.push(withCookies(peer, cookies));
      }
      const title = `1 KiB, ${people.toLocaleString('en')} live sessions, by policy`;
      return comparison(targets, load(plan, '/1k'), plan, { title, note: 'curfew beside itself.' });
    },
  );
  return [table];
}

/** One application, and ten. */
export async function byApplications(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  const start = async () => [
    await stand.curfew({ name: 'ten applications' }, stand.upstreams),
    await stand.curfew({ name: 'one of ten asked' }, stand.upstreams),
  ];
  return stand.with(start, async (peers) => {
    const [many, one] = await stand.signedIn(peers, 100);
    if (many === undefined || one === undefined) return [];
    stand.say('ten applications');
    const targets = [
      { ...many, load: { spread: 10 } },
      { ...one, load: { path: '/a0/1k' } },
    ];
    const about = { title: '1 KiB, ten applications by path', note: 'All ten in turn; and one of them.' };
    return [await comparison(targets, load(plan, '/1k'), plan, about)];
  });
}

async function bareOnes(stand: Stand): Promise<(Peer | undefined)[]> {
  const started: (Peer | undefined)[] = [];
  for (const { name } of BARE) started.push(await bareOne(stand, name));
  return [...started, await startHello(openFolder(stand.folder, 'alone'))];
}

/** One bare proxy by its name; undefined where it is not installed. */
export async function bareOne(stand: Stand, name: string): Promise<Peer | undefined> {
  const recipe = BARE.find((one) => one.name === name);
  const peer =
    recipe && (await startBare(recipe, openFolder(stand.folder, `bare-${performance.now()}`), stand.upstream));
  if (peer === undefined) stand.say(`${name} is not installed: left out`);
  return peer;
}

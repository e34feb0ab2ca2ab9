// The same over the real listener: a gateway in a process of its own, and the CPU time that all its threads take.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { form, logoutPath, type BindingName } from './messages.ts';
import type { Work } from './measure.ts';
import type { Scene } from './scene.ts';

const MAIN = join(import.meta.dirname, '../../gateway/main.ts');
/** Requests under way at once: as many as the embedded store then writes to disk together. */
export const WIDE = 16;
const QUIET = '--disable-warning=ExperimentalWarning';

/** A browser that has been sent to the identity provider. */
interface Asking {
  readonly person: number;
  readonly nonce: string;
  readonly browser: string;
  readonly inResponseTo: string;
}

/** Does `work` for each, `width` at a time. */
async function each<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Starts it. `profile`: arguments of Node's in front of the program, such as `--cpu-prof`. */
export async function listener({ policies, port, publicUrl, idp }: Scene, profile: readonly string[]) {
  const child = spawn(process.execPath, [...profile, QUIET, MAIN, 'serve', '--policies', policies], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  child.stderr.resume();
  const agent = new Agent({ keepAlive: true, maxSockets: WIDE });
  const login = new URL(publicUrl).host;
  const wiki = `wiki.test:${port}`;
  let people = 0;

  const call = async (
    method: 'GET' | 'POST',
    host: string,
    path: string,
    { body, cookie, type }: { body?: string; cookie?: string; type?: string } = {},
  ): Promise<{ status: number; location: URL; cookies: string; body: string }> => {
    const headers = {
      host,
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      ...(cookie !== undefined && { cookie }),
      ...(body !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = request({ host: '127.0.0.1', port, agent, method, path, headers }, resolve);
    sent.on('error', reject).end(body);
    const answer = await promise;
    const cookies = (answer.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
    const location = new URL(answer.headers.location ?? '/', publicUrl);
    return { status: answer.statusCode ?? 0, location, cookies, body: await text(answer) };
  };
  const pathOf = ({ pathname, search }: URL): string => `${pathname}${search}`;
  const must = <T extends { status: number; body: string }>(answer: T, status: number): T => {
    if (Math.floor(answer.status / 100) !== status)
      throw new Error(`${answer.status} in the place of ${status}xx: ${answer.body.slice(0, 300)}`);
    return answer;
  };

  const ask = async (): Promise<Asking> => {
    const page = must(await call('GET', wiki, '/'), 3);
    const sent = must(await call('GET', login, pathOf(page.location)), 3);
    const xml = inflateRawSync(Buffer.from(sent.location.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
    people += 1;
    return {
      person: people,
      nonce: page.cookies,
      browser: sent.cookies,
      inResponseTo: /ID="([^"]+)"/.exec(xml)?.[1] ?? '',
    };
  };
  const responseTo = ({ person, inResponseTo }: Asking): string =>
    form('SAMLResponse', idp.response(person, inResponseTo, systemClock.now()));
  const post = async (asking: Asking, body: string): Promise<string> => {
    const options = { body, cookie: asking.browser, type: 'application/x-www-form-urlencoded' };
    return pathOf(must(await call('POST', login, '/saml/acs', options), 3).location);
  };
  const enter = async ({ nonce }: Asking, path: string): Promise<void> => {
    must(await call('GET', wiki, path, { cookie: nonce }), 3);
  };
  const logout = async (body: string, binding: BindingName): Promise<void> => {
    const type = binding === 'soap' ? 'text/xml' : 'application/x-www-form-urlencoded';
    if (binding === 'redirect') must(await call('GET', login, `${logoutPath(binding)}?${body}`), 3);
    else must(await call('POST', login, logoutPath(binding), { body, type }), 2);
  };

  /** CPU milliseconds of the gateway while `work` goes on. */
  const during = async (work: () => Promise<void>): Promise<number> => {
    const before = cpuMs(child.pid ?? 0);
    await work();
    return cpuMs(child.pid ?? 0) - before;
  };

  const waiting: { asked: Asking[]; posted: { asking: Asking; path: string }[]; inside: number[] } = {
    ...{ asked: [], posted: [], inside: [] },
  };
  const worksAt = (width: number): Work[] => [
    {
      name: 'sign-in: page, AuthnRequest',
      run: (times) =>
        during(async () => {
          await each(Array.from({ length: 3 * times }), width, async () => void waiting.asked.push(await ask()));
        }).then((ms) => ms / 3),
    },
    {
      name: 'sign-in: Response',
      run: async (times) => {
        const bodies = waiting.asked.splice(0).map((asking) => ({ asking, body: responseTo(asking) }));
        const ms = await during(async () => {
          await each(bodies, width, async ({ asking, body }) => {
            waiting.posted.push({ asking, path: await post(asking, body) });
          });
        });
        return (ms * times) / bodies.length;
      },
    },
    {
      name: 'sign-in: ticket',
      run: async (times) => {
        const tickets = waiting.posted.splice(0);
        const ms = await during(async () => {
          await each(tickets, width, ({ asking, path }) => enter(asking, path));
        });
        waiting.inside.push(...tickets.map(({ asking }) => asking.person));
        return (ms * times) / tickets.length;
      },
    },
    ...(['redirect', 'post', 'soap'] as const).map((binding) => ({
      name: `logout by ${binding}`,
      run: (times: number) => {
        const now = systemClock.now();
        const bodies = waiting.inside.splice(0, times).map((person) => idp.logoutRequest(person, binding, now));
        return during(async () => {
          await each(bodies, width, (body) => logout(body, binding));
        });
      },
    })),
  ];
  await answering(() => call('GET', login, '/saml/metadata'));
  return {
    alone: worksAt(1),
    together: worksAt(WIDE),
    close: async (): Promise<void> => {
      agent.destroy();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function answering(once: () => Promise<unknown>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let left = 100;
  const look = (): void => {
    once().then(
      () => resolve(undefined),
      (error: unknown) => {
        left -= 1;
        if (left === 0) reject(error instanceof Error ? error : new Error(String(error)));
        else setTimeout(look, 100);
      },
    );
  };
  look();
  return promise;
}

/** Nanoseconds on a CPU, of every thread (Linux). */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [ns = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(ns) / 1e6;
  }, 0);
}

// Signs people in and out at a target, by messages and nothing else: no browser, no form of an identity provider.

import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { median } from './load.ts';
import { newPerson, type IdentityProvider, type LogoutBinding, type Person } from './identity-provider.ts';
import type { SamlService } from './target.ts';
import { cpuMicroseconds } from './proc.ts';

/** Somebody who is signed in. */
export interface SignedIn {
  readonly person: Person;
  /** The Cookie header of their browser. */
  readonly cookie: string;
}

/** How long many messages took. */
export interface Pace {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly cpuMs: number;
  readonly failed: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
}

const FORM = 'application/x-www-form-urlencoded';
/** Messages under way at once: enough to keep one core busy, few enough that a peer with a lock is not punished for it. */
const AT_ONCE = 4;

/** Signs in `count` people. Rejects where one of them is refused. */
export async function signIn(
  idp: IdentityProvider,
  sp: SamlService,
  count: number,
  roots: readonly number[],
): Promise<{ readonly people: readonly SignedIn[]; readonly pace: Pace }> {
  const people: SignedIn[] = [];
  const times: number[] = [];
  let wallMs = 0;
  let cpu = 0;
  // Signed in portions, so that no assertion grows old and no clock runs while they are made.
  for (let from = 0; from < count; from += 500) {
    const portion = Array.from({ length: Math.min(500, count - from) }, (_, at) => newPerson(from + at));
    const ready = portion.map((person) => ({ person, body: idp.signIn(sp, person) }));
    const [begunAt, before] = [performance.now(), cpuMicroseconds(roots)];
    await several(ready, async ({ person, body }, agents) => {
      const cookie = sp.browserCookie?.();
      const headers = { 'Content-Type': FORM, ...(cookie === undefined ? {} : { Cookie: cookie }) };
      const sentAt = performance.now();
      const answer = await ask(agents, { method: 'POST', url: sp.acs, headers, body });
      times.push(performance.now() - sentAt);
      const own = (answer.headers['set-cookie'] ?? [])
        .map((line) => line.split(';', 1)[0] ?? '')
        .find((pair) => sp.cookieName.test(pair));
      if (own === undefined) throw new Error(`${sp.acs}: ${answer.status} ${answer.body.slice(0, 400)}`);
      people.push({ person, cookie: own });
    });
    wallMs += performance.now() - begunAt;
    cpu += cpuMicroseconds(roots) - before;
  }
  return { people, pace: paceOf(times, wallMs, cpu, 0) };
}

/** Sends one LogoutRequest for each. What is not answered by Success counts as failed. */
export async function signOut(
  idp: IdentityProvider,
  sp: SamlService,
  people: readonly SignedIn[],
  binding: LogoutBinding,
  roots: readonly number[],
): Promise<Pace> {
  const ready = people.map(({ person }) => idp.signOut(sp, person, binding));
  const times: number[] = [];
  let failed = 0;
  const [begunAt, before] = [performance.now(), cpuMicroseconds(roots)];
  await several(ready, async ({ method, url, type, body }, agents) => {
    const sentAt = performance.now();
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const answer = await ask(agents, { method, url, headers, body });
    times.push(performance.now() - sentAt);
    if (!isSuccess(answer, binding)) failed += 1;
  });
  return paceOf(times, performance.now() - begunAt, cpuMicroseconds(roots) - before, failed);
}

function isSuccess({ status, headers, body }: Answer, binding: LogoutBinding): boolean {
  if (binding === 'soap') return status === 200 && body.includes('status:Success');
  const inLocation = headers.location?.includes('SAMLResponse=') === true;
  if (binding === 'redirect' || inLocation) return inLocation;
  // A server that posts a form is answered with the bare message.
  return body.includes('SAMLResponse') || Buffer.from(body, 'base64').toString().includes('status:Success');
}

const paceOf = (times: readonly number[], wallMs: number, cpu: number, failed: number): Pace => ({
  perSecond: (times.length * 1000) / wallMs,
  medianMs: median(times),
  cpuMs: cpu / 1000 / Math.max(1, times.length),
  failed,
});

interface Agents {
  readonly plain: Agent;
  readonly tls: TlsAgent;
}

const openAgents = (): Agents => ({
  plain: new Agent({ keepAlive: true, maxSockets: AT_ONCE }),
  // The certificate is the benchmark's own.
  tls: new TlsAgent({ keepAlive: true, maxSockets: AT_ONCE }),
});

/** Fetches `path` once with each cookie, so that every session has what the application sets there. */
export async function visit(url: string, path: string, cookies: readonly string[]): Promise<void> {
  await several(cookies, async (cookie, agents) => {
    const { status } = await ask(agents, { method: 'GET', url: `${url}${path}`, headers: { Cookie: cookie } });
    if (status !== 200) throw new Error(`${url}${path}: ${status}`);
  });
}

async function several<T>(items: readonly T[], work: (item: T, agents: Agents) => Promise<void>): Promise<void> {
  const agents = openAgents();
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item, agents);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    agents.plain.destroy();
    agents.tls.destroy();
  }
}

function ask(agents: Agents, { method, url, headers, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const options = { method, headers: { ...headers, ...length } };
    const read = (answer: IncomingMessage): void => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
    };
    const sent = url.startsWith('https:')
      ? tlsRequest(url, { ...options, agent: agents.tls, rejectUnauthorized: false }, read)
      : request(url, { ...options, agent: agents.plain }, read);
    sent.on('error', reject);
    sent.end(body);
  });
}

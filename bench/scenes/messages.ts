// Sign-ins and logouts, alone and while others are busy; and what the others notice of it.

import { loadRound, median } from '../load.ts';
import type { LogoutBinding } from '../identity-provider.ts';
import { signIn, signOut, type Pace } from '../people.ts';
import { mellon } from '../peers/mellon.ts';
import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import type { Table } from '../table.ts';
import { withCookies, type Peer, type SamlService } from '../target.ts';

const BINDINGS: readonly LogoutBinding[] = ['soap', 'post', 'redirect'];
const COLUMNS = ['', '', 'a second', 'median ms', 'CPU ms', 'failed'];

/** How many a second, by binding; four under way at once. */
export async function messages(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  const start = async () => [await stand.curfew({ name: 'curfew' }), await stand.apache(mellon(plan.messages * 4))];
  return stand.with(start, async (peers) => {
    const rows: string[][] = [];
    for (const peer of peers) {
      if (peer.saml === undefined) continue;
      stand.say(`sign-ins and logouts at ${peer.name}`);
      for (const binding of BINDINGS) {
        // mod_auth_mellon answers 400 to a LogoutRequest by POST.
        if (binding === 'post' && peer.name !== 'curfew') continue;
        const { people, pace } = await signIn(stand.idp, peer.saml, plan.messages, peer.roots);
        if (binding === 'soap') rows.push([peer.name, 'sign-in', ...cells(pace)]);
        rows.push([peer.name, binding, ...cells(await signOut(stand.idp, peer.saml, people, binding, peer.roots))]);
      }
    }
    const note =
      'Signed Responses and LogoutRequests, RSA of 2048 bits, four under way at once; CPU of the target alone.';
    return [{ title: 'Sign-ins and logouts', note, columns: COLUMNS, rows }, ...(await busy(stand, plan, peers))];
  });
}

/** What 64 busy connections notice of 100 LogoutRequests a second. */
async function busy(stand: Stand, plan: Plan, peers: readonly Peer[]): Promise<readonly Table[]> {
  const rows: string[][] = [];
  for (const peer of peers) {
    if (peer.saml === undefined) continue;
    stand.say(`logouts while ${plan.connections} connections are busy at ${peer.name}`);
    const staying = (await signIn(stand.idp, peer.saml, 100, peer.roots)).people;
    const target = withCookies(
      peer,
      staying.map(({ cookie }) => cookie),
    );
    // A tenth of the connections' usual rate, so that waiting is waiting for a message and not for a core.
    const load = { path: '/1k', connections: plan.connections, seconds: plan.seconds, delayMs: 40 };
    const quiet: number[][] = [];
    const noisy: number[][] = [];
    for (let round = 0; round < plan.rounds; round += 1) {
      const alone = await loadRound(target, load);
      quiet.push([alone.p50Ms, alone.p99Ms]);
      const leaving = (await signIn(stand.idp, peer.saml, plan.seconds * 100, peer.roots)).people;
      const [beside] = await Promise.all([loadRound(target, load), paced(stand, peer.saml, peer, leaving)]);
      noisy.push([beside.p50Ms, beside.p99Ms]);
    }
    for (const [what, found] of [
      ['alone', quiet],
      ['beside 100 logouts/s', noisy],
    ] as const) {
      const at = (index: number): string => median(found.map((one) => one[index] ?? 0)).toFixed(2);
      rows.push([peer.name, what, at(0), at(1)]);
    }
  }
  const note = 'Requests of people who stay, at 1,600 a second, while others are signed out by SOAP.';
  return [{ title: 'What others notice of logouts', note, columns: ['', '', 'p50 ms', 'p99 ms'], rows }];
}

/** Twenty every fifth of a second. */
async function paced(
  stand: Stand,
  sp: SamlService,
  peer: Peer,
  leaving: Awaited<ReturnType<typeof signIn>>['people'],
): Promise<void> {
  const begunAt = performance.now();
  for (let from = 0; from < leaving.length; from += 20) {
    await signOut(stand.idp, sp, leaving.slice(from, from + 20), 'soap', peer.roots);
    const aheadMs = (from / 20 + 1) * 200 - (performance.now() - begunAt);
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
}

const cells = ({ perSecond, medianMs, cpuMs, failed }: Pace): string[] => [
  perSecond.toFixed(0),
  medianMs.toFixed(2),
  cpuMs.toFixed(2),
  String(failed),
];

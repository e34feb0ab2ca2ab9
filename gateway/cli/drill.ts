// `curfew drill`: signs a test person in, signs them out, and shows that nothing they kept opens anything any more.

import { systemClock } from '../kernel/clock.ts';
import { silentLog, type Log } from '../kernel/log.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { configured } from './configured.ts';
import { tryAgain } from './drill/again.ts';
import { placesOf } from './drill/app-itself.ts';
import { enter, type Gate } from './drill/enter.ts';
import { leave } from './drill/leave.ts';
import { rehearse, type Rehearsal } from './drill/rehearsal.ts';
import { conclusion, isClosed, lineOf, type Report } from './drill/report.ts';
import { sidesOf } from './drill/sides.ts';
import { OPTIONS, readWish, type Wish } from './drill/wish.ts';
import { plain, plainLines } from './plain.ts';

/** However many pages there are. */
const WHOLE_DRILL_MS = 10 * 60_000;

/** `curfew drill`: exit 0 where all is closed, 1 where anything opens or could not be tried, 2 where the words or the policies are wrong. */
export const drill: Command = {
  name: 'drill',
  summary: 'sign a test person in and out, and prove that nothing they kept opens anything',
  options: OPTIONS,
  run: async (given) => {
    const configuration = configured(given);
    if (configuration === undefined) return EXIT.fault;
    const wish = readWish(given, configuration);
    if ('faults' in wish) {
      given.output.complain(given.json ? JSON.stringify({ faults: wish.faults }) : wish.faults.join('\n'));
      return EXIT.fault;
    }
    const tell = given.json ? () => {} : (line: string) => given.output.print(plain(line));
    const at = new Date(systemClock.now()).toISOString();
    tell(
      `curfew drill, ${at}: ${configuration.publicUrl}, ${wish.isLive ? 'the running gateway' : 'a gateway of its own with the same policies'}`,
    );
    let rehearsal: Rehearsal | undefined;
    try {
      rehearsal = wish.isLive ? undefined : await rehearse(configuration, systemClock, complaining(given));
    } catch (error) {
      given.output.complain(
        `The gateway of the drill cannot start: ${error instanceof Error ? error.message : String(error)}`,
      );
      return EXIT.failed;
    }
    const gate: Gate = {
      publicUrl: configuration.publicUrl,
      apps: placesOf(configuration),
      sides: sidesOf(configuration),
      placeOf: (url) =>
        rehearsal?.placeOf(url) ??
        wish.connectTo.get(`${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`),
      rehearsal,
      clock: systemClock,
      signal: AbortSignal.timeout(WHOLE_DRILL_MS),
    };
    try {
      const found = await carriedOut(wish, gate, tell);
      const report: Report = {
        at,
        publicUrl: gate.publicUrl,
        mode: wish.isLive ? 'live' : 'rehearsal',
        user: wish.user,
        ...found,
      };
      given.output.print(given.json ? plain(JSON.stringify(report)) : plainLines(conclusion(report)));
      return report.isClosed ? EXIT.done : EXIT.failed;
    } finally {
      await rehearsal?.close();
    }
  },
};

type Found = Pick<Report, 'nameId' | 'inBrowser' | 'left' | 'findings' | 'trouble' | 'isClosed'>;

async function carriedOut(wish: Wish, gate: Gate, tell: (line: string) => void): Promise<Found> {
  let found: Omit<Found, 'isClosed'> = { nameId: undefined, inBrowser: [], left: undefined, findings: [], trouble: [] };
  try {
    tell(`signing in as ${wish.user}`);
    const inside = await enter(wish, gate, tell);
    found = {
      ...found,
      nameId: inside.sessions[0]?.identity.nameId.value,
      inBrowser: inside.inBrowser,
      trouble: inside.trouble,
    };
    tell(`  in the browser: ${[...inside.inBrowser, 'cookies of curfew'].join(', ')}`);
    tell('signing out');
    const leaving = await leave(wish, gate, inside, tell);
    const { how, outcome, milliseconds, goodbyes } = leaving.left;
    tell(`  ${how}: ${outcome}, after ${milliseconds} ms`);
    for (const goodbye of goodbyes) tell(`  goodbye to ${goodbye.app}: ${goodbye.outcome}`);
    tell('trying everything again');
    const findings = await tryAgain(wish, gate, inside, leaving);
    findings.forEach((finding) => tell(lineOf(finding)));
    if (wish.isLive)
      tell('  not seen from outside: what the applications themselves remember; leave out --live for that');
    found = { ...found, left: leaving.left, findings };
  } catch (error) {
    found = { ...found, trouble: [...found.trouble, error instanceof Error ? error.message : String(error)] };
  }
  return { ...found, isClosed: isClosed(found) };
}

/** What the drill's own gateway warns of: an app that cannot be signed in to is the operator's to know. */
function complaining({ json, output }: Given): Log {
  const line: Log['warn'] = (event, facts) => {
    if (!json) output.complain(plain(`  gateway: ${event} ${JSON.stringify(facts ?? {})}`));
  };
  return { ...silentLog, warn: line, error: line };
}

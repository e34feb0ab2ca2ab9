// Everything beyond this machine that a configuration counts on, asked at once before anybody is served. Nothing is changed anywhere.

import { lookup } from 'node:dns/promises';
import { originOf } from '../../apps.ts';
import type { Configuration } from '../../config/load.ts';
import { servedHosts } from '../../config/served-hosts.ts';
import { certificateWarnings, readCertificates } from '../../http/certificates.ts';
import type { Clock, Elapsed } from '../../kernel/clock.ts';
import type { EpochMs } from '../../kernel/words.ts';
import { probe } from '../../proxy/probe.ts';
import { lookAtStore } from '../../sessions/look.ts';
import { storeIn } from '../summary.ts';
import { asker, DEADLINE_MS, type Finding, type Question } from './finding.ts';
import { identityProviderAsker } from './identity-providers.ts';

/** Asks everything at once, and names of browsers last; `told` is shown each finding when it is there. In the order of the configuration. Never rejects. */
export async function reach(
  configuration: Configuration,
  { clock, elapsed }: { readonly clock: Clock; readonly elapsed: Elapsed },
  told: (finding: Finding) => void,
): Promise<Finding[]> {
  const { apps, identityProviders, sessions, publicUrl } = configuration;
  const ask = asker(elapsed, told);
  const askIdentityProvider = identityProviderAsker(configuration, clock, ask);
  const at = storeIn(sessions.store);
  const found = await Promise.all([
    ask({ what: 'store', at, ask: () => lookAtStore(sessions).then(({ found: text, notes }) => ({ text, notes })) }),
    ...identityProviders.map(askIdentityProvider),
    ...apps.map((app) => ask(appQuestion(app, publicUrl, clock.now()))),
    ...certificateQuestions(configuration, clock.now()).map(ask),
  ]);
  // Afterwards: names that nobody answers for take all the threads that look names up, and the others would wait behind them.
  const names = await Promise.all(servedHosts(configuration).map((host) => ask(nameQuestion(host))));
  return [...found.flat(), ...names];
}

/** A certificate that somebody renews by hand needs as long. */
const SOON_MS = 14 * 86_400_000;

function appQuestion(app: Configuration['apps'][number], publicUrl: string, now: EpochMs): Question {
  const { app: name, upstream, path, upstreamTls: tls, timeouts } = app;
  const settings = {
    ...{ app: name, origin: upstream, tls, idleTimeoutMs: timeouts.idleMs },
    connectTimeoutMs: Math.min(timeouts.connectMs, DEADLINE_MS / 2),
    responseTimeoutMs: Math.min(timeouts.responseMs, DEADLINE_MS / 2),
  };
  const { host, protocol } = new URL(originOf(app, publicUrl));
  const headers = {
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': protocol.slice(0, -1),
    'user-agent': 'curfew',
  };
  return {
    what: `app ${name}`,
    at: `${upstream}${path}`,
    ask: async () => {
      const { status, tls: spoken } = await probe(settings, path, headers);
      const ends = Date.parse(spoken?.validUntil ?? '');
      const until = Number.isNaN(ends) ? '' : new Date(ends).toISOString().slice(0, 10);
      return {
        text: `answers ${status}${spoken === undefined ? '' : ` over ${spoken.version}, with a certificate until ${until}`}`,
        notes: [
          ...(status >= 500 ? [`an app that is well does not answer ${status} to HEAD; look into its own log`] : []),
          ...(ends - now < SOON_MS ? [`its certificate ends on ${until}; renew it there`] : []),
        ],
      };
    },
  };
}

/** Browsers look names up elsewhere, so one that is unknown here is no fault. */
const nameQuestion = (host: string): Question => ({
  what: `name ${host}`,
  at: 'DNS',
  ask: () =>
    lookup(host.replace(/^\[|\]$/g, ''), { all: true }).then(
      (found) => ({ text: found.map(({ address }) => address).join(', ') }),
      (error: unknown) => ({
        text: error instanceof Error && 'code' in error ? String(error.code) : String(error),
        notes: ['is not known here; browsers must find it, and reach this gateway by it'],
      }),
    ),
});

function certificateQuestions(configuration: Configuration, now: EpochMs): Question[] {
  const { listen, tls } = configuration;
  if (listen.https === undefined || tls === undefined) return [];
  const { certificates } = readCertificates(tls.certificates);
  const [hosts, at] = [servedHosts(configuration), tls.certificates];
  const notes = certificateWarnings(certificates, hosts, now);
  return [
    {
      what: 'certificates',
      at,
      ask: () => Promise.resolve({ text: `${certificates.length} for ${hosts.length} names`, notes }),
    },
  ];
}

// `curfew explain`: a captured message, every check it passes or fails, and the sessions it would end. Nothing is done.

import { readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { buffer } from 'node:stream/consumers';
import type { Configuration } from '../config/load.ts';
import { openIdentityProviders } from '../identity-providers.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import type { EpochMs } from '../kernel/words.ts';
import { instant } from '../saml/guard/checks/issue-instant.ts';
import { onlyNameId } from '../saml/guard/checks/subject.ts';
import type { Explanation } from '../saml/explain/explain.ts';
import { NO_MEMORY } from '../saml/explain/judging.ts';
import { openServiceProvider, type IdentityProvider, type ServiceProvider } from '../saml/service-provider.ts';
import { bareText, children } from '../saml/xml/elements.ts';
import { readCopy } from '../saml/metadata/copy.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { configured } from './configured.ts';
import { askRunning, type Told } from './explain/ask.ts';
import { artifactAsText, artifactIn, explainArtifact } from './explain/artifact.ts';
import { captured, EXPECTED } from './explain/captured.ts';
import { asJson, asText } from './explain/shown.ts';
import { sideNamedIn, sidesOf, type Side } from './explain/side.ts';
import { ADMIN_OPTION, runningGateway, type RunningGateway } from './running.ts';

/** `curfew explain`: exit 0 where the message would be taken, 1 where it would be refused, 2 where the words or the policies are wrong. */
export const explain: Command = {
  name: 'explain',
  summary: 'show why a captured SAML message is taken or refused, and which sessions it would end; does nothing',
  operands: 'FILE|-',
  options: {
    at: {
      type: 'string',
      help: 'judge as of this UTC time (2026-01-31T12:00:00Z), or "issued": when it was sent (default: now)',
    },
    endpoint: {
      type: 'string',
      help: 'address at which it arrived (default: what the capture or its Destination says)',
    },
    app: {
      type: 'string',
      help: 'it is for the service provider of this app’s own (default: the one that its addresses or its Audience name)',
    },
    ...ADMIN_OPTION,
  },
  run: async (given) => {
    const [file, second] = given.operands;
    if (file === undefined || second !== undefined) return wrong(given, 'name one file, or "-" for standard input');
    const at = momentIn(given.options['at']);
    if (at === undefined) return wrong(given, '--at is no UTC time; write 2026-01-31T12:00:00Z, or issued');
    const configuration = configured(given);
    if (configuration === undefined) return EXIT.fault;
    const bytes = await contentOf(file);
    if (typeof bytes === 'string') return wrong(given, bytes);
    const endpoint = optionIn(given, 'endpoint');
    const app = optionIn(given, 'app');
    const sides = sidesOf(configuration);
    const side = app === undefined ? sideNamedIn(sides, bytes, endpoint) : sides.find((one) => one.app === app);
    if (side === undefined) return wrong(given, `no app called "${app ?? ''}" has a service provider of its own`);
    const artifact = artifactIn(bytes);
    const capture = captured(bytes, side.origin, endpoint);
    if (artifact === undefined && capture === undefined) return wrong(given, `${file}: ${EXPECTED}`);

    const idps = (await identityProvidersOf(configuration)).filter(({ name }) => side.offered(name));
    if (artifact !== undefined || capture === undefined) {
      const found = explainArtifact(artifact ?? '', idps);
      given.output.print(given.json ? JSON.stringify(found) : artifactAsText(found));
      return found.code === undefined ? EXIT.done : EXIT.failed;
    }
    const explanation = await serviceProviderFor(side, configuration, idps).explain(capture, at, systemClock.now());
    const running = runningGateway(configuration, given);
    const notes =
      side.app === undefined ? capture.notes : [...capture.notes, `it is for ${side.app}'s own service provider`];
    const facts = { ...explanation, notes, sessions: await sessionsMeant(explanation, running, side.app) };
    given.output.print(given.json ? asJson(facts) : asText(facts));
    return explanation.judgements.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.done;
  },
};

function wrong({ output }: Given, text: string): number {
  output.complain(`curfew explain: ${text}`);
  return EXIT.fault;
}

const optionIn = ({ options }: Given, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

function momentIn(text: Given['options'][string]): EpochMs | 'issued' | undefined {
  if (text === undefined) return systemClock.now();
  return text === 'issued' ? text : typeof text === 'string' ? instant(text) : undefined;
}

/** The bytes, or what is wrong with the file. */
async function contentOf(file: string): Promise<Buffer | string> {
  try {
    return file === '-' ? await buffer(process.stdin) : readFileSync(file);
  } catch (error) {
    return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** As the running gateway knows them: by the last good copy, where metadata is fetched. */
async function identityProvidersOf(configuration: Configuration): Promise<IdentityProvider[]> {
  const { saml } = configuration;
  const identityProviders = await Promise.all(
    configuration.identityProviders.map(async (settings) => {
      const path = `${saml.metadataCopies}/${settings.name}.xml`;
      const text = 'url' in settings.metadata ? await readCopy(path) : undefined;
      return text === undefined ? settings : { ...settings, metadata: { path, text } };
    }),
  );
  // Kept nowhere: a copy that belongs to whoever runs this command would be in the gateway's way.
  const nowhere = { ...saml, metadataCopies: devNull };
  const known = await openIdentityProviders(
    { identityProviders, saml: nowhere },
    { clock: systemClock, log: silentLog },
  );
  return known.now();
}

const serviceProviderFor = (
  { app, ours }: Side,
  { saml }: Configuration,
  identityProviders: readonly IdentityProvider[],
): ServiceProvider =>
  openServiceProvider({ ...ours, app, clockSkewMs: saml.clockSkewMs, identityProviders, memory: NO_MEMORY });

/** Undefined where nobody is meant: not a LogoutRequest, or one that names nobody. */
async function sessionsMeant(
  { read }: Explanation<IdentityProvider>,
  running: RunningGateway,
  app: string | undefined,
): Promise<Told | undefined> {
  if (read?.kind !== 'LogoutRequest') return undefined;
  const { root } = read.message;
  const nameId = onlyNameId(root);
  if (read.idp === undefined || nameId === undefined) return { unknown: 'it names nobody who could be looked for' };
  const sessionIndexes = children(root, 'protocol', 'SessionIndex').map((element) => bareText(element) ?? '');
  return askRunning(running, { idp: read.idp.name, sp: app, nameId, sessionIndexes });
}

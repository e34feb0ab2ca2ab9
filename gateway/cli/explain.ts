// `curfew explain`: a captured message, every check it passes or fails, and the sessions it would end. Nothing is done.

import { readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { buffer } from 'node:stream/consumers';
import type { Configuration } from '../config/load.ts';
import { openIdentityProviders } from '../identity-providers.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import type { EpochMs } from '../kernel/words.ts';
import { ourSide } from '../parts.ts';
import { instant } from '../saml/guard/checks/issue-instant.ts';
import { onlyNameId } from '../saml/guard/checks/subject.ts';
import type { Explanation } from '../saml/explain/explain.ts';
import { NO_MEMORY } from '../saml/explain/judging.ts';
import { openServiceProvider, type IdentityProvider, type ServiceProvider } from '../saml/service-provider.ts';
import { children, plainText } from '../saml/xml/elements.ts';
import { readCopy } from '../saml/metadata/copy.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { configured } from './configured.ts';
import { askRunning, type Told } from './explain/ask.ts';
import { captured, EXPECTED } from './explain/captured.ts';
import { asJson, asText } from './explain/shown.ts';
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
    const capture = captured(bytes, configuration.publicUrl, endpoint);
    if (capture === undefined) return wrong(given, `${file}: ${EXPECTED}`);

    const serviceProvider = await serviceProviderFor(configuration);
    const explanation = await serviceProvider.explain(capture, at, systemClock.now());
    const running = runningGateway(configuration, given);
    const facts = { ...explanation, notes: capture.notes, sessions: await sessionsMeant(explanation, running) };
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

/** As the running gateway knows its identity providers: by the last good copy, where metadata is fetched. */
async function serviceProviderFor(configuration: Configuration): Promise<ServiceProvider> {
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
  return openServiceProvider({
    ...ourSide(configuration),
    clockSkewMs: saml.clockSkewMs,
    identityProviders: known.now(),
    memory: NO_MEMORY,
  });
}

/** Undefined where nobody is meant: not a LogoutRequest, or one that names nobody. */
async function sessionsMeant(
  { read }: Explanation<IdentityProvider>,
  running: RunningGateway,
): Promise<Told | undefined> {
  if (read?.kind !== 'LogoutRequest') return undefined;
  const { root } = read.message;
  const nameId = onlyNameId(root);
  if (read.idp === undefined || nameId === undefined) return { unknown: 'it names nobody who could be looked for' };
  const sessionIndexes = children(root, 'protocol', 'SessionIndex').map((element) => plainText(element)?.trim() ?? '');
  return askRunning(running, { idp: read.idp.name, nameId, sessionIndexes });
}

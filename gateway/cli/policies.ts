// `curfew policies test`: unit tests for access rules. Every case goes through the very admission that requests go through;
// only the session is made up.

import { loadCases, type PolicyCase } from '../config/cases.ts';
import type { Configuration } from '../config/load.ts';
import { appOf } from '../apps.ts';
import { admit, type Admission, type AdmitParts } from '../flows/admit.ts';
import type { App } from '../flows/app.ts';
import { cookieNames } from '../http/cookies.ts';
import { plus, systemClock } from '../kernel/clock.ts';
import type { Identity, SessionId, Token } from '../kernel/words.ts';
import { readings } from '../policy/path.ts';
import { openSigner } from '../proxy/jwt.ts';
import { compileTable, hostName, type Table } from '../policy/table.ts';
import type { Session } from '../sessions/sessions.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { complainOfFaults, configured } from './configured.ts';

/** `curfew policies test`: exit 1 where a case comes out otherwise, 2 where there is no case or one cannot be read. */
export const policies: Command = {
  name: 'policies',
  summary: 'try the access rules: cases in YAML say which person may make which request',
  operands: 'test [FILE…]',
  run: async (given) => {
    const [verb, ...names] = given.operands;
    if (verb !== 'test')
      return wrong(given, 'write "curfew policies test", and files with cases behind it where they lie elsewhere');
    const configuration = configured(given);
    if (configuration === undefined) return EXIT.fault;
    const { cases, faults } = loadCases(given.policies, names, given.env);
    if (faults.length > 0) {
      complainOfFaults(given, faults);
      return EXIT.fault;
    }
    if (cases.length === 0)
      return wrong(given, `there is no case; write one into ${given.policies}/tests/NAME.yaml:\n${EXAMPLE}`);
    const results = await tried(configuration, cases);
    show(given, results);
    return results.every(({ faults: found }) => found.length === 0) ? EXIT.done : EXIT.failed;
  },
};

const EXAMPLE = `- case: staff read the wiki
  person: { nameId: ada@example.com, attributes: { groups: [staff] } }
  request: GET https://wiki.example.com/page
  expect: pass`;

interface Result {
  readonly at: string;
  readonly case: string;
  /** What came out otherwise; empty where all is as expected. */
  readonly faults: readonly string[];
}

function wrong({ output }: Given, text: string): number {
  output.complain(text);
  return EXIT.fault;
}

async function tried(configuration: Configuration, cases: readonly PolicyCase[]): Promise<Result[]> {
  const { publicUrl } = configuration;
  const gatewayCookieNames = Object.values(cookieNames(publicUrl.startsWith('https:')));
  const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const apps = configuration.apps.map((app) =>
    appOf(app, publicUrl, { log: silent, gatewayCookieNames }, openSigner(configuration.jwt.keys)),
  );
  const table = compileTable(apps);
  try {
    return await Promise.all(
      cases.map(async (one) => ({ at: one.at, case: one.case, faults: differences(one, await outcomeOf(one, table)) })),
    );
  } finally {
    await Promise.all(apps.map(({ upstream }) => upstream.close()));
  }
}

const nothing = (): void => undefined;

async function outcomeOf(
  one: PolicyCase,
  table: Table<App>,
): Promise<{ admission: Admission; identity: Identity | undefined }> {
  const { method, host, target } = one.request;
  const read = readings(target);
  const found = read === 'ambiguous' ? undefined : table.find(host, read);
  const app = found === undefined || found === 'ambiguous' ? undefined : found.app;
  const identity = identityOf(one, app);
  const asked = {
    host,
    hostName: hostName(host) ?? '',
    readings: read,
    method,
    token: identity && ('made-up' as Token),
    isPage: true,
  };
  return { admission: await admit(stage(table, identity), asked, { destroy: nothing }), identity };
}

/** The admission's surroundings: one session, if any, that lives. */
function stage(table: Table<App>, identity: Identity | undefined): AdmitParts {
  const now = systemClock.now();
  const session: Session | undefined = identity && {
    id: 'made-up' as SessionId,
    identity,
    createdAt: now,
    expiresAt: now,
  };
  const connection = { isCut: false, add: nothing, release: nothing };
  return {
    table,
    sessions: { find: () => session, touch: () => true, reread: () => Promise.resolve(session) },
    standing: () => 'good',
    live: { register: () => connection },
    clock: systemClock,
  };
}

function identityOf({ person }: PolicyCase, app: App | undefined): Identity | undefined {
  if (person === undefined) return undefined;
  const attributes = Object.entries(person.attributes).map(
    ([name, values]) => [name, typeof values === 'string' ? [values] : values] as const,
  );
  return {
    idp: person.idp ?? app?.identityProviders[0] ?? '',
    sp: app?.ownSp,
    nameId: { value: person.nameId },
    sessionIndexes: [],
    attributes: new Map(attributes),
    authnInstant: plus(systemClock.now(), -person.signedInAgo),
    authnContext: person.authnContext,
  };
}

function differences(
  { expect, app, headers = {} }: PolicyCase,
  { admission }: { readonly admission: Admission },
): string[] {
  const got = admission.kind === 'refused' ? admission.code : admission.kind;
  const isExpected = got === expect || admission.kind === expect;
  const reached = admission.app?.app;
  const sent =
    admission.kind === 'pass' && admission.session
      ? admission.app.identityHeaders(admission.session, systemClock.now())
      : [];
  const wrongHeaders = Object.entries(headers).flatMap(([name, value]) => {
    const at = sent.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name.toLowerCase());
    // One character a byte, as it goes over the wire.
    const is = at < 0 ? null : Buffer.from(sent[at + 1] ?? '', 'latin1').toString('utf8');
    return is === value ? [] : [`expected ${name} to be ${shown(value)}, and it is ${shown(is)}`];
  });
  return [
    ...(isExpected ? [] : [`expected ${expect}, and it is ${got}`]),
    ...(app === undefined || app === reached ? [] : [`expected app ${app}, and it is ${reached ?? 'none'}`]),
    ...wrongHeaders,
  ];
}

const shown = (value: string | null): string => (value === null ? 'absent' : JSON.stringify(value));

function show({ json, output }: Given, results: readonly Result[]): void {
  const failed = results.filter(({ faults }) => faults.length > 0);
  if (json) {
    output.print(JSON.stringify({ passed: results.length - failed.length, failed }));
    return;
  }
  for (const { at, case: name, faults } of results) {
    if (faults.length === 0) output.print(`passed  ${name}`);
    else output.print(`FAILED  ${name}\n${faults.map((fault) => `        ${at}: ${fault}`).join('\n')}`);
  }
  output.print(`${results.length - failed.length} passed, ${failed.length} failed`);
}

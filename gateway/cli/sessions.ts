// `curfew sessions`, `curfew logout` and `curfew status`: what the sessions page shows and does, at the command line.

import type { AdminSide } from '../config/admin-side.ts';
import type { SessionsFacts } from '../pages/sessions-page.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { adminSideOf } from './configured.ts';
import { plain } from './plain.ts';
import { ADMIN_OPTION, runningGateway, type Answered } from './running.ts';

/** Apps are told within their deadlines first, and a Redis node that is away is waited for. */
const ENDING_MS = 60_000;

/** `curfew sessions [NAME]`: exit 1 where no gateway says. */
export const sessions: Command = {
  name: 'sessions',
  summary: 'list who is signed in, or find them by a part of their name',
  operands: '[NAME]',
  options: { page: { type: 'string', help: 'which page of fifty (default: 1)' }, ...ADMIN_OPTION },
  run: (given) =>
    asking(given, async (side) => {
      const [query = ''] = given.operands;
      const page = given.options['page'];
      const asked = new URLSearchParams({ q: query, ...(typeof page === 'string' && { page }) });
      const answer = await runningGateway(side, given).ask('GET', `/sessions?${asked.toString()}`);
      return shown(given, answer, (body) => listed(body as SessionsFacts));
    }),
};

/** `curfew logout NAMEID`: exit 0 where somebody was signed out, 1 where nobody was or no gateway says. */
export const logout: Command = {
  name: 'logout',
  summary: 'end all sessions of a person',
  operands: 'NAMEID',
  options: { idp: { type: 'string', help: 'identity provider of the NameID (default: each)' }, ...ADMIN_OPTION },
  run: (given) =>
    asking(given, async (side) => {
      const [nameId, second] = given.operands;
      if (nameId === undefined || second !== undefined) {
        given.output.complain('name one person, by the NameID that `curfew sessions` shows');
        return EXIT.fault;
      }
      const { idp } = given.options;
      const person = { nameId, ...(typeof idp === 'string' && { idp }) };
      const answer = await runningGateway(side, given, ENDING_MS).ask('POST', '/logout', person);
      const code = shown(given, answer, endings);
      return code === EXIT.done && endedIn(answer).length === 0 ? EXIT.failed : code;
    }),
};

/** `curfew status`: exit 0 where the gateway is ready, 1 where it is not or does not answer. */
export const status: Command = {
  name: 'status',
  summary: 'tell whether the gateway runs and is ready, and why not',
  options: ADMIN_OPTION,
  run: (given) =>
    asking(given, async (side) => {
      const answer = await runningGateway(side, given).ask('GET', '/readyz');
      // 503 is an answer here: it carries the reasons.
      const isReady = 'status' in answer && answer.status === 200;
      const read = 'status' in answer && answer.status === 503 ? { ...answer, status: 200 } : answer;
      const code = shown(given, read, stateOf);
      return isReady ? code : EXIT.failed;
    }),
};

async function asking(given: Given, ask: (side: AdminSide) => Promise<number>): Promise<number> {
  const side = adminSideOf(given);
  return side === undefined ? EXIT.fault : ask(side);
}

/** Prints the answer, or complains that there is none. */
function shown({ json, output }: Given, answer: Answered, text: (body: unknown) => string): number {
  if ('unknown' in answer || answer.status !== 200) {
    const why = 'unknown' in answer ? answer.unknown : `the gateway answered ${answer.status}: ${told(answer.body)}`;
    output.complain(json ? JSON.stringify({ error: why }) : why);
    return EXIT.failed;
  }
  output.print(json ? plain(JSON.stringify(answer.body)) : text(answer.body));
  return EXIT.done;
}

const told = (body: unknown): string => plain(typeof body === 'string' ? body.trim() : JSON.stringify(body));

function listed({ sessions: rows, total, page, pages, query, isCutShort }: SessionsFacts): string {
  const lines = rows.map(({ nameId, idp, apps, since, lastUse, connections, id }) =>
    [nameId, idp, apps.join(',') || '–', at(since), at(lastUse), String(connections), id].map(plain),
  );
  const head = ['WHO', 'IDENTITY PROVIDER', 'COOKIES OF', 'SINCE', 'LAST USE', 'OPEN', 'SESSION'];
  const found = query === '' ? `${total} in all, page ${page} of ${pages}` : `${rows.length} found`;
  return [
    ...(rows.length === 0 ? [] : columns([head, ...lines])),
    isCutShort ? `${found}; there are more: name more of the name` : found,
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

interface EndedLine {
  readonly nameId: string;
  readonly idp: string;
  readonly connectionsCut: number;
  readonly goodbyes: readonly { readonly app: string; readonly outcome: string }[];
}

const endedIn = (answer: Answered): readonly EndedLine[] =>
  'status' in answer ? ((answer.body as { ended?: readonly EndedLine[] }).ended ?? []) : [];

function endings(body: unknown): string {
  const { ended } = body as { ended: readonly EndedLine[] };
  if (ended.length === 0) return 'nobody of that name was signed in; `curfew sessions` lists who is';
  const lines = ended.map(({ nameId, idp, connectionsCut, goodbyes }) => {
    const apps = goodbyes.map(({ app, outcome }) => `${app}: ${outcome}`).join(', ');
    return plain(`${nameId} (${idp}): session ended, ${many(connectionsCut, 'connection')} cut${apps && `; ${apps}`}`);
  });
  return lines.join('\n');
}

function stateOf(body: unknown): string {
  const {
    ready,
    reasons,
    warnings,
    sessions: living,
    connections,
  } = body as {
    readonly ready: boolean;
    readonly reasons?: Readonly<Record<string, string>>;
    readonly warnings?: readonly string[];
    readonly sessions?: number;
    readonly connections?: number;
  };
  const lines = ready
    ? [`ready: ${many(living ?? 0, 'session')}, ${many(connections ?? 0, 'connection')} on this node`]
    : ['not ready', ...Object.entries(reasons ?? {}).map(([part, reason]) => `  ${part}: ${reason}`)];
  return [...lines, ...(warnings ?? []).map((warning) => `warning: ${warning}`)].map(plain).join('\n');
}

const many = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

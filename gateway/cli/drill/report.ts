// What a drill has found, for people and for programs. No cookie, password or message is in it.

import { ALIKE_REMEDY } from '../../flows/alike.ts';

/** What was tried again after the sign-out, and what came of it. */
export interface Finding {
  /** `page`, `stream`, `cookie` of the gateway's, `replay` of a message, or the application `itself`, asked past the gateway. */
  readonly kind: 'page' | 'stream' | 'cookie' | 'replay' | 'itself';
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** `public`: it opens to strangers as well. `known`: it opens, and the operator has said that it may. */
  readonly verdict: 'closed' | 'open' | 'unproven' | 'public' | 'known';
  /** From the LogoutRequest until this was seen. */
  readonly milliseconds: number | undefined;
}

/** The sign-out itself. */
export interface Left {
  readonly how: string;
  /** What was answered. */
  readonly outcome: string;
  readonly isGood: boolean;
  /** From the LogoutRequest to the answer. */
  readonly milliseconds: number;
  /** How each app was told, where that can be seen. */
  readonly goodbyes: readonly { readonly app: string; readonly outcome: string }[];
  /** Sessions that the LogoutRequest names in other letters only, where that can be seen. */
  readonly sessionsAlike: number;
}

const otherLetters = (sessions: number): string =>
  `the LogoutRequest names nobody here, and ${sessions === 1 ? 'one session' : `${sessions} sessions`} in other letters; ${ALIKE_REMEDY}`;

/** What a drill found, for people and programs alike. */
export interface Report {
  /** ISO 8601. */
  readonly at: string;
  readonly publicUrl: string;
  readonly mode: 'rehearsal' | 'live';
  readonly user: string;
  readonly nameId: string | undefined;
  /** Cookies of the applications that reached the browser, by host and name. */
  readonly inBrowser: readonly string[];
  readonly left: Left | undefined;
  readonly findings: readonly Finding[];
  /** Why it could not be carried through. */
  readonly trouble: readonly string[];
  readonly isClosed: boolean;
}

const BAD = new Set<Finding['verdict']>(['open', 'unproven']);

/** Whether everything that opened is closed; nothing that opened proves nothing. */
export const isClosed = ({ left, findings, trouble }: Pick<Report, 'left' | 'findings' | 'trouble'>): boolean =>
  trouble.length === 0 &&
  left?.isGood === true &&
  findings.some(({ kind, verdict }) => kind === 'page' && verdict === 'closed') &&
  !findings.some(({ verdict }) => BAD.has(verdict));

/** One line. */
export function lineOf({ verdict, what, before, after, milliseconds }: Finding): string {
  const time = milliseconds === undefined ? '' : ` after ${milliseconds} ms`;
  const word = verdict === 'open' ? 'OPEN' : verdict === 'unproven' ? 'UNPROVEN' : verdict;
  return `  ${word.padEnd(8)}  ${what}: ${before}, then ${after}${time}`;
}

/** The last lines. */
export function conclusion(report: Report): string {
  const { findings, trouble, left } = report;
  const bad = findings.filter(({ verdict }) => BAD.has(verdict));
  if (report.isClosed) return `closed: nothing that was kept opens anything, ${findings.length} things tried`;
  const reasons = [
    ...trouble,
    ...(left !== undefined && !left.isGood ? [`the sign-out itself: ${left.outcome}`] : []),
    ...(left === undefined || left.sessionsAlike === 0 ? [] : [otherLetters(left.sessionsAlike)]),
    ...bad.map(({ what, after, verdict }) => `${what}: ${verdict === 'open' ? 'open, ' : ''}${after}`),
  ];
  const nothing = 'no page that needs a sign-in was opened, so nothing is proven; name one with --open';
  return ['NOT CLOSED:', ...(reasons.length > 0 ? reasons : [nothing]).map((reason) => `  - ${reason}`)].join('\n');
}

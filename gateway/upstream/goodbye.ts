// Tells an app that the person has left, by its own way of signing out (P7): an address, or a link or form on a page that
// carries the token it wants.

import type { AppClient, Call } from './client.ts';
import type { CallFailure } from './exchange.ts';
import { fetchPage, type FetchedPage } from './page-call.ts';
import { addressInside } from './place.ts';
import type { GoodbyeSettings } from './settings.ts';
import { submission } from './submission.ts';

/** Why the app may not know. */
export type GoodbyeFailure =
  | CallFailure
  /** It answered with an error. */
  | 'status'
  /** The page has no such link or form: somebody who is signed out already, or a page that was changed, looks like that. */
  | 'nothing-to-follow'
  /** The page has several that lead to different places, and calling the wrong one is worse than calling none. */
  | 'several-to-follow'
  /** It leads out of the app. */
  | 'leads-outside'
  /** A fault of ours. */
  | 'unexpected';

/** Whether the app was told that the person has left, or why it may not know (P7). */
export type GoodbyeOutcome =
  | { readonly kind: 'told'; readonly status: number; readonly milliseconds: number }
  | {
      readonly kind: 'failed';
      readonly reason: GoodbyeFailure;
      /** Of the app's answer, where there was one. */
      readonly status?: number | undefined;
      readonly milliseconds: number;
    };

type Outcome =
  | { readonly kind: 'told'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: GoodbyeFailure; readonly status?: number | undefined };

/**
 * Says goodbye with the session's cookies. Never rejects, and is over when `deadlineMs` is. The app is told where it answers
 * the call with 2xx or 3xx and none of the redirects after it ends in a failure of its own (5xx, no answer): what it shows
 * to people who are signed out, be it 401, is its own affair.
 */
export async function sayGoodbye(
  { call, deadlineMs }: { readonly call: GoodbyeSettings; readonly deadlineMs: number },
  client: AppClient,
): Promise<GoodbyeOutcome> {
  const { clock } = client;
  const startedAt = clock.now();
  const outcome = await told(call, client, AbortSignal.timeout(deadlineMs)).catch((): Outcome => ({
    kind: 'failed',
    reason: 'unexpected',
  }));
  return { ...outcome, milliseconds: clock.now() - startedAt };
}

async function told(settings: GoodbyeSettings, client: AppClient, signal: AbortSignal): Promise<Outcome> {
  const call =
    settings.kind === 'call'
      ? { method: settings.method, url: client.address(settings.path) }
      : await found(settings, client, signal);
  if ('kind' in call) return call;
  const answer = await client.send({ ...call, wantsPage: false }, signal);
  const [status, ...after]: readonly number[] = answer.statuses;
  if (status === undefined) return failed(answer);
  if (status < 200 || status >= 400) return { kind: 'failed', reason: 'status', status };
  if (answer.kind === 'failed') return failed(answer);
  const broken = after.find((one) => one >= 500);
  return broken === undefined ? { kind: 'told', status } : { kind: 'failed', reason: 'status', status: broken };
}

const failed = (answer: { readonly kind: string; readonly reason?: CallFailure }): Outcome => ({
  kind: 'failed',
  reason: answer.reason ?? 'unexpected',
});

/** The call that following the link or submitting the form makes. */
async function found(
  { page: path, follow }: Extract<GoodbyeSettings, { kind: 'follow' }>,
  client: AppClient,
  signal: AbortSignal,
): Promise<Call | Outcome> {
  const page = await fetchPage(client, path, signal);
  if ('kind' in page) return failed(page);
  const ways = waysOf(page, follow);
  const [way, another] = ways;
  if (another !== undefined) return { kind: 'failed', reason: 'several-to-follow' };
  if (way === undefined) {
    return page.status >= 400
      ? { kind: 'failed', reason: 'status', status: page.status }
      : { kind: 'failed', reason: 'nothing-to-follow' };
  }
  return way.call ?? { kind: 'failed', reason: 'leads-outside' };
}

/**
 * What the text stands for: at most two different ways, because two are one too many. The same thing found twice (a menu for
 * phones beside the usual one) is one.
 */
function waysOf(page: FetchedPage, text: string): readonly Way[] {
  const ways = new Map<string, Way>();
  for (const way of candidates(page, (marks) => marks.some((mark) => mark.includes(text)))) {
    ways.set(identityOf(way), way);
    if (ways.size > 1) break;
  }
  return [...ways.values()];
}

/** `call` is undefined where it would leave the app. */
interface Way {
  readonly address: string;
  readonly call: Call | undefined;
}

function* candidates(page: FetchedPage, isMarked: (marks: readonly string[]) => boolean): Generator<Way> {
  const links = page.links.filter(({ href, label }) => isMarked([href, label]));
  for (const address of new Set(links.map(({ href }) => href))) {
    const url = addressInside(page.place, address, page.base);
    yield { address, call: url && { method: 'GET', url, from: page.page } };
  }
  for (const form of page.forms) {
    const pressed = form.buttons.filter(({ marks }) => isMarked(marks));
    const buttons = pressed.length > 0 ? pressed : isMarked(form.marks) ? [form.buttons[0]] : [];
    for (const button of buttons) {
      yield { address: form.action, call: submission(form, form.fields, button, page) };
    }
  }
}

const identityOf = ({ address, call }: Way): string =>
  call === undefined
    ? `outside ${address}`
    : `${call.method} ${call.url.href} ${Buffer.from(call.body?.bytes ?? []).toString('latin1')}`;

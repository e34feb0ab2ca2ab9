// A form that was kept goes out after all: the page that has the browser send it, and the request that does.

import type { Context } from 'koa';
import type { IncomingMessage } from 'node:http';
import type { Admission } from '../flows/admit.ts';
import { FORM_ADDRESS, frontPage, isKnownTo, originAt, titleOf, type App } from '../flows/app.ts';
import type { FormPlace } from '../flows/kept-forms.ts';
import { sameSecret, sha256 } from '../kernel/random.ts';
import { rawBody } from './body.ts';
import { refuseHttp } from './codes.ts';
import { readCookie } from './cookies.ts';
import type { Doors, Seen, State } from './doors.ts';
import { isSameOrigin, NOT_KEPT, type NotKept } from './keep-form.ts';
import { messageIn } from './public-messages.ts';
import { go } from './send-on.ts';
import { pagesFor, sendPage, type PageParts } from './send-page.ts';
import { sessionHere } from './session-cookie.ts';
import { shownTo, STAND_IN_BYTES, standInOf, standInValue, withBody } from './stand-in.ts';

type StateContext = Context & { readonly state: State };
type Pass = Extract<Admission, { kind: 'pass' }>;

/** Why there is nothing to send. */
export type Lost = NotKept | 'FORM_GONE' | 'FORM_OF_ANOTHER';

/** What goes out in the place of a stand-in. */
export type Standing =
  | { readonly kind: 'lost'; readonly code: Lost }
  /** The page that has it sent was shown in another session: it is shown again, in this one. */
  | { readonly kind: 'ask'; readonly id: string }
  | {
      readonly kind: 'found';
      readonly request: IncomingMessage;
      /** Where the app did not answer: the person may try again. */
      readonly putBack: () => Promise<void>;
    };

/** `/.curfew/form`: sends on what waits for this browser, asks whether to, or says that it has to be sent again. Uses nothing up. */
export async function formPage(doors: Doors, ctx: StateContext): Promise<void> {
  const { seen } = ctx.state;
  const wish = new URLSearchParams(ctx.querystring);
  const lost = wish.get('lost');
  const place = placeOf(doors, ctx.req, seen);
  const form = lost === null && place && (await doors.keptForms.look(wish.get('id') ?? '', place));
  const app = appAt(doors, seen, form ? form.posted.app : undefined);
  const origin = app === undefined ? doors.publicOrigin : originAt(app, seen.hostName);
  const back = backIn(wish.get('back'), origin) ?? (app === undefined ? origin : frontPage(app));
  if (!form || app === undefined) {
    sendLost(doors, ctx, NOT_KEPT.find((code) => code === lost) ?? 'FORM_GONE', back);
    return;
  }
  const session = await sessionHere(doors, ctx);
  if (session === undefined || !isKnownTo(app, session.identity)) {
    go(ctx, doors.signIn.address(app, `${origin}${seen.target}`, place.bind));
    return;
  }
  const ownership = form.ownership(session.identity);
  if (ownership === 'another') {
    sendLost(doors, ctx, 'FORM_OF_ANOTHER', back);
    return;
  }
  const ask = ownership === 'own' ? undefined : session.identity.nameId.value;
  const url = `${origin}${form.posted.target}`;
  const standIn = standInValue(wish.get('id') ?? '', session.id);
  sendPage(ctx, pagesFor(doors, ctx).sendForm({ url, standIn, app: titleOf(app), ask, back }));
}

/** What a request that may be a stand-in stands for: the form that was kept, or its own few bytes where it is none of ours. */
export async function standingFor(doors: Doors, ctx: StateContext, { app, session }: Pass): Promise<Standing> {
  const { seen } = ctx.state;
  const { req: request, res: response } = ctx;
  const body = await rawBody(request, response, STAND_IN_BYTES);
  const standIn = standInOf(body);
  if (standIn === undefined) {
    const { 'content-type': contentType = '', referer } = request.headers;
    return { kind: 'found', request: withBody(request, { contentType, referer, body }), putBack: async () => {} };
  }
  const place = placeOf(doors, request, seen);
  const proven = isSameOrigin(request, originAt(app, seen.hostName));
  if (session === undefined || place === undefined || !proven) return { kind: 'lost', code: 'FORM_GONE' };
  const { id } = standIn;
  // Whoever said yes, or was known as the writer, has left in another tab meanwhile: the one who is here now is asked (P10).
  if (!sameSecret(standIn.shownTo, shownTo(id, session.id))) return { kind: 'ask', id };
  const { identity } = session;
  const form = await doors.keptForms.take(id, { ...place, app: app.app, target: seen.target }, identity);
  if (form === 'gone') return { kind: 'lost', code: 'FORM_GONE' };
  if (form === 'another') return { kind: 'lost', code: 'FORM_OF_ANOTHER' };
  doors.log.info('form-sent', { requestId: seen.requestId, app: app.app });
  const putBack = (): Promise<void> => doors.keptForms.putBack(id, form, place.bind, identity, seen.client.address);
  return { kind: 'found', request: withBody(request, form), putBack };
}

/** Answers what cannot be sent: with the page that has the form sent, once more, or with the one that says what became of it. */
export function sendUnsent(
  doors: PageParts,
  ctx: StateContext,
  standing: Exclude<Standing, { kind: 'found' }>,
  origin: string,
): void {
  if (standing.kind === 'lost') sendLost(doors, ctx, standing.code, `${origin}${ctx.state.seen.target}`);
  else go(ctx, `${FORM_ADDRESS}?${new URLSearchParams({ id: standing.id }).toString()}`);
}

/** The page that says what became of the form, with the reason in a header. */
function sendLost(doors: PageParts, ctx: StateContext, code: Lost, back: string): void {
  const error = refuseHttp(code);
  const pages = pagesFor(doors, ctx);
  const { requestId } = ctx.state.seen;
  ctx.status = error.status;
  ctx.set('X-Curfew', code);
  sendPage(ctx, pages.lostForm({ code, message: messageIn(pages.language, error), requestId, back }));
}

function placeOf({ cookies }: Pick<Doors, 'cookies'>, { headers }: IncomingMessage, seen: Seen): FormPlace | undefined {
  const value = readCookie(headers.cookie, cookies.enter);
  return value === undefined ? undefined : { hostName: seen.hostName, bind: sha256(value) };
}

const appAt = ({ apps }: Pick<Doors, 'apps'>, { hostName }: Seen, named: string | undefined): App | undefined =>
  apps.find(({ app, hosts }) => hosts.some(({ name }) => name === hostName) && (named === undefined || app === named));

/** The way back, where it stays on this host: it came in an address that anybody could have made. */
function backIn(text: string | null, origin: string): string | undefined {
  const url = text === null ? null : URL.parse(text, origin);
  return url?.origin === origin ? url.href : undefined;
}

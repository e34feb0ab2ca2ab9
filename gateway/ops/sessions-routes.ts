// The sessions page: who is signed in, what was ended lately, and ending. The same as JSON for programs.

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Administrator } from '../flows/administrator.ts';
import { goodbyeLine } from '../flows/goodbyes.ts';
import type { Ended } from '../flows/end-session.ts';
import type { SessionId } from '../kernel/words.ts';
import { SESSIONS_SCRIPT, SESSIONS_STYLE } from '../pages/sessions-assets.ts';
import { sessionsPage, type SessionRow, type SessionsFacts } from '../pages/sessions-page.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Roll, RollEntry } from '../sessions/roll.ts';
import type { AdminState } from './admin-guard.ts';
import { bodyOf, recordIn } from './body.ts';
import type { Recent } from './recent.ts';

/** What the page is made from. */
export interface SessionsParts {
  readonly roll: Roll;
  readonly sessions: { count(): Promise<number> };
  readonly live: { count(session: SessionId): number };
  readonly administrator: Administrator;
  readonly recent: Recent;
  readonly newRequestId: () => string;
  /** Whether a stream of events ends with each of them, so that its listener has to ask anew. */
  readonly endsStreams?: boolean | undefined;
}

type Ctx = Context & { state: AdminState };

const ROWS = 50;
const LONGEST_QUERY = 256;
/** Each listener is a connection that stays. */
const MOST_LISTENERS = 20;

/** Adds `GET /sessions`, `GET /sessions/events`, `DELETE /sessions/:id`, `POST /sessions/end` (its form), `POST /logout`. */
export function sessionsRoutes(router: Router<AdminState>, parts: SessionsParts): void {
  let listening = 0;
  router.get('/sessions', async (ctx) => {
    const facts = await factsFor(parts, ctx);
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Vary', 'Accept');
    if (ctx.accepts('json', 'html') !== 'html') {
      ctx.body = facts;
      return;
    }
    const { html, headers } = sessionsPage(facts);
    ctx.set(headers as Record<string, string>);
    ctx.body = html;
  });
  router.get('/sessions.css', (ctx) => asset(ctx, 'text/css', SESSIONS_STYLE));
  router.get('/sessions.js', (ctx) => asset(ctx, 'text/javascript', SESSIONS_SCRIPT));
  router.get('/sessions/events', (ctx) => {
    if (ctx.method === 'HEAD') {
      // The router means HEAD by GET as well, and whoever asks for no body would wait for its end for ever.
      ctx.set('Content-Type', 'text/event-stream');
      ctx.status = 200;
      return;
    }
    if (listening >= MOST_LISTENERS) {
      ctx.status = 503;
      return;
    }
    listening += 1;
    ctx.respond = false;
    ctx.res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    ctx.res.write('retry: 1000\n\n');
    const leave = parts.recent.onChange(() => {
      if (parts.endsStreams === true) ctx.res.end('data: changed\n\n');
      else ctx.res.write('data: changed\n\n');
    });
    ctx.res.once('close', () => {
      listening -= 1;
      leave();
    });
  });
  router.delete('/sessions/:id', async (ctx) => {
    const ended = await endOne(parts, ctx, String(ctx.params['id']));
    ctx.status = ended === undefined ? 404 : 200;
    ctx.body = ended === undefined ? { ended: [] } : { ended: [toldEnded(ended)] };
  });
  router.post('/sessions/end', async (ctx) => {
    const id = new URLSearchParams(await bodyOf(ctx.req)).get('id');
    if (id === null) return ctx.throw(400, 'expected id');
    const ended = await endOne(parts, ctx, id);
    ctx.redirect(`/sessions?ended=${ended === undefined ? 0 : 1}`);
    ctx.status = 303;
  });
  router.post('/logout', async (ctx) => {
    const text = await bodyOf(ctx.req);
    const isForm = ctx.is('urlencoded') === 'urlencoded';
    const asked = isForm ? Object.fromEntries(new URLSearchParams(text)) : recordIn(text);
    const { nameId, idp } = asked;
    if (typeof nameId !== 'string' || nameId === '' || (idp !== undefined && typeof idp !== 'string'))
      return ctx.throw(400, 'expected {"nameId", "idp"?}');
    ctx.state.ending?.({ nameId });
    const ended = await parts.administrator.endPerson({ nameId, idp }, ctx.state.by, parts.newRequestId());
    ctx.body = { ended: ended.map(toldEnded) };
    if (!isForm) return;
    ctx.redirect(`/sessions?ended=${ended.length}`);
    ctx.status = 303;
  });
}

async function endOne(
  { administrator, newRequestId }: SessionsParts,
  ctx: Ctx,
  id: string,
): Promise<Ended | undefined> {
  ctx.state.ending?.({ session: id });
  return administrator.endSession(id.slice(0, LONGEST_QUERY) as SessionId, ctx.state.by, newRequestId());
}

const toldEnded = (ended: Ended) => ({
  id: ended.session.id,
  nameId: ended.session.identity.nameId.value,
  idp: ended.session.identity.idp,
  connectionsCut: ended.connectionsCut,
  goodbyes: ended.goodbyes.map(goodbyeLine),
});

async function factsFor({ roll, sessions, live, recent }: SessionsParts, ctx: Ctx): Promise<SessionsFacts> {
  const textIn = (name: string): string => [ctx.query[name] ?? ''].flat()[0]?.slice(0, LONGEST_QUERY) ?? '';
  const query = textIn('q').trim();
  const page = Math.min(Math.max(1, Math.trunc(Number(textIn('page')) || 1)), 1_000_000);
  const total = await sessions.count();
  const shown = await (query === '' ? roll.page((page - 1) * ROWS, ROWS) : roll.search(matching(query), ROWS + 1));
  const rows = shown.slice(0, ROWS).map((entry) => rowOf(entry, roll, live));
  return {
    total,
    query,
    viewer: typeof ctx.state.by === 'string' ? undefined : ctx.state.by,
    may: ctx.state.may ?? { endOne: true, endAll: true },
    page: query === '' ? page : 1,
    pages: query === '' ? Math.max(1, Math.ceil(total / ROWS)) : 1,
    isCutShort: shown.length > ROWS,
    ended: /^\d{1,6}$/.test(textIn('ended')) ? Number(textIn('ended')) : undefined,
    sessions: await Promise.all(rows),
    logouts: recent.logouts(),
  };
}

function matching(query: string): (session: Session) => boolean {
  const wanted = query.toLowerCase();
  return ({ id, identity }) =>
    identity.nameId.value.toLowerCase().includes(wanted) ||
    identity.issuedNameId?.value.toLowerCase().includes(wanted) === true ||
    id === query;
}

async function rowOf({ session, lastUsedAt }: RollEntry, roll: Roll, live: SessionsParts['live']): Promise<SessionRow> {
  const { id, identity, createdAt, expiresAt } = session;
  return {
    id,
    nameId: identity.nameId.value,
    idp: identity.idp,
    apps: await roll.apps(session),
    since: createdAt,
    lastUse: lastUsedAt,
    until: expiresAt,
    connections: live.count(id),
  };
}

function asset(ctx: Context, type: string, text: string): void {
  ctx.set('Content-Type', `${type}; charset=utf-8`);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cache-Control', 'no-cache');
  ctx.body = text;
}

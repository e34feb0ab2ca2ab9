// The sessions page as HTML: a list that reads as well on a phone and aloud as on a screen, and works without scripts.

import type { AuditEvent } from '../kernel/audit.ts';
import type { EpochMs } from '../kernel/words.ts';
import { html, type Html } from './html.ts';
import type { Page } from './page.ts';

/** One session. Times are EpochMs. */
export interface SessionRow {
  readonly id: string;
  readonly nameId: string;
  readonly idp: string;
  /** Apps whose cookies it keeps. */
  readonly apps: readonly string[];
  readonly since: EpochMs;
  readonly lastUse: EpochMs;
  readonly until: EpochMs;
  /** Open on this node. */
  readonly connections: number;
}

type Ended = Extract<AuditEvent, { event: 'session-ended' }>;
type Asked = Extract<AuditEvent, { event: 'logout-request' }>;

/** What somebody may end: one session, all of a person. */
export interface May {
  readonly endOne: boolean;
  readonly endAll: boolean;
}

/** Everything on the page; the JSON answer is the same. */
export interface SessionsFacts {
  readonly total: number;
  /** Who looks, where they are signed in. */
  readonly viewer?: { readonly nameId: string; readonly session: string } | undefined;
  /** Who only looks is shown no button. */
  readonly may: May;
  readonly query: string;
  readonly page: number;
  readonly pages: number;
  /** More were found than are shown. */
  readonly isCutShort: boolean;
  /** How many the last action has ended. */
  readonly ended: number | undefined;
  readonly sessions: readonly SessionRow[];
  readonly logouts: readonly { readonly at: EpochMs; readonly event: Ended | Asked }[];
}

/** Nothing of another origin, nothing inline, and no frame: a click on this page ends sessions. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/** Not where people sign in: a form that finds its session over is answered with the way to an identity provider, and browsers hold that to it too. */
const FORMS = "; form-action 'self'";

/** The page, with its headers. */
export function sessionsPage(facts: SessionsFacts): Page {
  const { total, viewer, query, sessions, logouts, ended } = facts;
  const title = 'Sessions';
  const body = html`<header><h1>${title}</h1><p id="total">${counted(total, 'session lives', 'sessions live')}</p>${viewer === undefined ? undefined : html`<p class="viewer">You are <bdi>${viewer.nameId}</bdi>. <a href="/.curfew/logout">Sign out</a></p>`}</header>
<main>
${ended === undefined ? undefined : html`<p class="said" role="status">${ended === 0 ? 'Nobody was signed in any more.' : `${counted(ended, 'session has', 'sessions have')} ended.`}</p>`}
<form class="search" role="search" action="/sessions" method="get"><label for="q">Find a person</label><input id="q" name="q" type="search" value="${query}" autocomplete="off" spellcheck="false"><button>Search</button>${query === '' ? undefined : html`<a href="/sessions">Show all</a>`}</form>
<section aria-labelledby="now"><h2 id="now">Signed in</h2><div id="list">${list(facts, sessions)}</div></section>
<section aria-labelledby="lately"><h2 id="lately">Latest sign-outs</h2><div id="logouts">${logouts.length === 0 ? html`<p>None since this gateway started.</p>` : html`<ol class="cards">${logouts.map(logout)}</ol>`}</div></section>
</main>
<footer><p id="live">Load the page again to see what has changed.</p></footer>`;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} – curfew</title><link rel="stylesheet" href="/sessions.css"><script src="/sessions.js" defer></script>`;
  return {
    html: `<!doctype html>\n<html lang="en"><head>${head.text}</head><body>${body.text}</body></html>\n`,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': viewer === undefined ? `${POLICY}${FORMS}` : POLICY,
      'Cross-Origin-Resource-Policy': 'same-origin',
      // With no-referrer browsers call the Origin of a form null, also to the page's own.
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    },
  };
}

function list({ viewer, may, query, page, pages, isCutShort }: SessionsFacts, sessions: readonly SessionRow[]): Html {
  if (sessions.length === 0)
    return html`<p>${query === '' ? 'Nobody is signed in.' : `Nobody is signed in by a name with “${query}” in it.`}</p>`;
  const step = (to: number, text: string): Html | undefined =>
    to < 1 || to > pages ? undefined : html`<a href="/sessions?page=${to}">${text}</a>`;
  return html`<ul class="cards">${sessions.map((one) => row(one, one.id === viewer?.session, may))}</ul>${isCutShort ? html`<p>There are more: search for more of the name.</p>` : undefined}${pages < 2 ? undefined : html`<nav aria-label="Pages">${step(page - 1, 'Previous')}<span>Page ${page} of ${pages}</span>${step(page + 1, 'Next')}</nav>`}`;
}

const row = (
  { id, nameId, idp, apps, since, lastUse, until, connections }: SessionRow,
  isOwn: boolean,
  may: May,
): Html =>
  html`<li><h3>${nameId}${isOwn ? html` <span class="own">(this is you)</span>` : undefined}</h3>
<dl><div><dt>Identity provider</dt><dd>${idp}</dd></div><div><dt>Apps</dt><dd>${apps.length === 0 ? 'none with cookies yet' : apps.join(', ')}</dd></div><div><dt>Since</dt><dd>${time(since)}</dd></div><div><dt>Last use</dt><dd>${time(lastUse)}</dd></div><div><dt>Ends by</dt><dd>${time(until)}</dd></div><div><dt>Open connections</dt><dd>${connections}</dd></div></dl>
${actions(id, nameId, idp, may)}</li>`;

function actions(id: string, nameId: string, idp: string, { endOne, endAll }: May): Html | undefined {
  if (!endOne && !endAll) return undefined;
  const one = html`<form action="/sessions/end" method="post"><input type="hidden" name="id" value="${id}"><button id="end-${id}" aria-label="End session of ${nameId}">End session</button></form>`;
  const all = html`<form action="/logout" method="post"><input type="hidden" name="nameId" value="${nameId}"><input type="hidden" name="idp" value="${idp}"><button id="out-${id}" aria-label="Sign out everywhere: ${nameId}">Sign out everywhere</button></form>`;
  return html`<div class="actions">${endOne ? one : undefined}${endAll ? all : undefined}</div>`;
}

function logout({ at, event }: SessionsFacts['logouts'][number]): Html {
  const told = event.goodbyes.map(({ app, outcome }) => html`<li>${app}: ${outcome}</li>`);
  const apps = told.length === 0 ? html`<li>no app to tell</li>` : told;
  const cut = `${counted(event.connectionsCut, 'connection', 'connections')} cut`;
  if (event.event === 'session-ended')
    return html`<li><h3>${event.nameId}</h3><p>${time(at)}: session ended, ${REASONS[event.reason]}</p><ol class="steps"><li>${cut} after ${event.cutMilliseconds} ms</li>${apps}<li>done after ${event.milliseconds} ms</li></ol></li>`;
  const after = event.cutMilliseconds === undefined ? '' : ` after ${event.cutMilliseconds} ms`;
  return html`<li><h3>${event.nameId}</h3><p>${time(at)}: LogoutRequest of ${event.idp} by ${event.binding}${event.repeated ? ', the same as before' : ''}</p><ol class="steps"><li>${counted(event.sessionsEnded, 'session', 'sessions')} ended</li><li>${cut}${after}</li>${apps}<li>answered ${ANSWERS[event.status]} after ${event.milliseconds} ms</li></ol></li>`;
}

const REASONS: Record<Ended['reason'], string> = {
  'idp-logout': 'by the identity provider',
  person: 'by the person',
  administrator: 'by an administrator',
  idle: 'not used for too long',
  lifetime: 'at the end of its time',
  replaced: 'somebody signed in on the same browser',
  unproven: 'the identity provider no longer knew the person',
  unconfigured: 'the identity provider is configured no more',
};

const ANSWERS: Record<Asked['status'], string> = {
  success: 'Success',
  partial: 'PartialLogout',
  unavailable: '503, try again',
};

/** In UTC, because servers and identity providers log so. */
const time = (at: EpochMs): Html => {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
};

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

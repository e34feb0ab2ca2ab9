// What is asked of the identity provider, and which story answers it.

import type { IncomingMessage } from 'node:http';
import { html, seeOther, xml, type Answer } from './answers.ts';
import { readForm, readQuery, readSoap, type Arrival } from './bindings.ts';
import { takeAnswer } from './front-channel.ts';
import { homePage, loginPage, refusalPage, signedOutPage } from './pages.ts';
import { receive, type Received } from './receive.ts';
import type { AuthnRequest, LogoutRequest, LogoutResponse } from './read.ts';
import { Refusal } from './refusal.ts';
import { logIn, SESSION_COOKIE, signOn, unsolicited } from './sign-on.ts';
import { answerLogoutRequest, signOutByBackChannel, signOutByBrowser } from './sign-out.ts';
import type { IdpSession, State } from './state.ts';

const MAX_BODY_BYTES = 512 * 1024;

/** The answer to one request. Throws a Refusal where there is a reason against it. */
export async function answerTo(state: State, metadata: string, request: IncomingMessage): Promise<Answer> {
  const [path = '/', ...rest] = (request.url ?? '/').split('?');
  const query = rest.join('?');
  const session = state.sessions.get(sessionCookie(request.headers.cookie ?? ''));
  const form = async (): Promise<URLSearchParams> => new URLSearchParams(await bodyOf(request));
  switch (`${request.method ?? ''} ${path}`) {
    case 'GET /':
      return html(homePage(session, [...state.sessions.values()], [...state.serviceProviders.keys()]));
    case 'GET /metadata':
      return xml(metadata, 'application/samlmetadata+xml');
    case 'GET /login':
      return html(loginPage({ login: '', accounts: state.accounts }));
    case 'POST /login':
      return logIn(state, await form(), session);
    case 'GET /sso':
      return singleSignOn(state, readQuery(query), session);
    case 'POST /sso':
      return singleSignOn(state, readForm(await form()), session);
    case 'GET /slo':
      return singleLogout(state, readQuery(query), state.addresses.singleLogout);
    case 'POST /slo':
      return singleLogout(state, readForm(await form()), state.addresses.singleLogout);
    case 'POST /slo/soap':
      return singleLogout(state, readSoap(await bodyOf(request)), state.addresses.soap);
    case 'POST /sign-out':
      return signOut(state, await form(), session);
    case 'GET /start':
      return start(state, new URLSearchParams(query), session);
    default:
      return html(refusalPage('There is no such page here.'), 404);
  }
}

function singleSignOn(state: State, arrival: Arrival, session: IdpSession | undefined): Answer {
  const received = receive(state, arrival, state.addresses.singleSignOn);
  if (!isKind(received, 'AuthnRequest')) throw new Refusal(`A ${received.message.kind} is not for this address.`);
  return signOn(state, received, session);
}

async function singleLogout(state: State, arrival: Arrival, address: string): Promise<Answer> {
  const received = receive(state, arrival, address);
  if (isKind(received, 'LogoutRequest')) return answerLogoutRequest(state, received);
  if (isKind(received, 'LogoutResponse')) return takeAnswer(state, received);
  throw new Refusal('An AuthnRequest is not for this address.');
}

/** The buttons on the first page; only for the person themselves. */
async function signOut(state: State, form: URLSearchParams, session: IdpSession | undefined): Promise<Answer> {
  const username = form.get('username') ?? '';
  if (session?.account.username !== username) throw new Refusal('Only the person themselves can do this.');
  const binding = form.get('binding');
  if (binding === 'redirect' || binding === 'post') return signOutByBrowser(state, username, binding);
  if (binding !== 'soap' && binding !== 'form') throw new Refusal('There is no such way to sign out.');
  return html(signedOutPage(username, await signOutByBackChannel(state, username, { binding })));
}

function start(state: State, query: URLSearchParams, session: IdpSession | undefined): Answer {
  if (!session) return seeOther(`${state.addresses.home}login`);
  return unsolicited(state, session, query.get('sp') ?? undefined, query.get('RelayState') ?? undefined);
}

interface Kinds {
  readonly AuthnRequest: AuthnRequest;
  readonly LogoutRequest: LogoutRequest;
  readonly LogoutResponse: LogoutResponse;
}

const isKind = <K extends keyof Kinds>(received: Received, kind: K): received is Received<Kinds[K]> =>
  received.message.kind === kind;

const sessionCookie = (header: string): string =>
  header
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${SESSION_COOKIE}=`))
    ?.slice(SESSION_COOKIE.length + 1) ?? '';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

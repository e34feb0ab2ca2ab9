// What the two legacy applications have in common: a server, sessions of their own by cookie, and a belief in whatever
// `Remote-User` says. They know nothing of SAML, and like many of their kind they never ask again who somebody is.

import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeHtml, htmlPage } from '../page.ts';

export interface AppOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
}

/** A session as the application itself keeps it; the gateway is told nothing of it but the cookie. */
export interface AppSession {
  readonly id: string;
  /** Who it began for: the application would go on showing this person's things to whoever holds the cookie. */
  readonly beganFor: string;
  visits: number;
}

/** Sessions behind one cookie. */
export interface AppSessions {
  /** The request's session; a new one, with the cookie to set, where it has none. */
  of(request: IncomingMessage): { readonly session: AppSession; readonly setCookie: string | undefined };
  /** Forgets the request's session; false where there was none. */
  forget(request: IncomingMessage): boolean;
  count(): number;
}

/** Whom the header names; `nobody` where it is absent. */
export const remoteUser = (request: IncomingMessage): string => {
  const value = request.headers['remote-user'];
  // Node reads header bytes as Latin-1; names are UTF-8.
  return value === undefined ? 'nobody' : Buffer.from(String(value), 'latin1').toString('utf8');
};

/** Sessions kept in memory behind a cookie of this name. */
export function appSessions(cookieName: string): AppSessions {
  const sessions = new Map<string, AppSession>();
  const held = (request: IncomingMessage): AppSession | undefined => sessions.get(cookieOf(request, cookieName) ?? '');
  return {
    of(request) {
      const known = held(request);
      if (known) return { session: known, setCookie: undefined };
      const session = { id: randomBytes(16).toString('hex'), beganFor: remoteUser(request), visits: 0 };
      sessions.set(session.id, session);
      return { session, setCookie: `${cookieName}=${session.id}; Path=/; HttpOnly` };
    },
    forget: (request) => sessions.delete(held(request)?.id ?? ''),
    count: () => sessions.size,
  };
}

/** One page of an application, with who it thinks you are and the way out. */
export const appPage = (page: { title: string; accent: string; user: string; body: string }): string =>
  htmlPage({
    title: page.title,
    note: 'a legacy application, demonstration only',
    accent: page.accent,
    body: `<p class="note">You are <strong id="user">${escapeHtml(page.user)}</strong>, it seems. <a href="/.curfew/logout">Sign out</a></p>
${page.body}`,
  });

/** The value of one cookie of a request. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

/** Listens; answers where, and how to stop. */
export async function listen(server: Server, options: AppOptions): Promise<{ url: string; close(): Promise<void> }> {
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

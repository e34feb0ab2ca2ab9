// The sessions page as an app among the others, on a host of its own: found by the same table, admitted by the same rules, signed in to by the same ticket,
// cut by the same logout. In the place of a server behind it stands the page itself.

import type { ServerResponse } from 'node:http';
import type { Configuration } from './config/load.ts';
import type { App } from './flows/app.ts';
import { refuseHttp } from './http/codes.ts';
import { issuedNameId, type EpochMs, type Identity, type SessionId } from './kernel/words.ts';
import type { Asker, Web } from './ops/web.ts';
import { decide } from './policy/decide.ts';
import type { Path } from './policy/path.ts';
import { parseHost, type AppPolicy } from './policy/settings.ts';
import { compileTable } from './policy/table.ts';
import type { Forwarded, Passage, Upstream } from './proxy/engine.ts';

/** What it is called in logs and audit lines; no name that an app can have. */
export const ADMIN_APP = 'curfew.admin';

/** The app, or none where `admin.url` is not set. */
export function adminApp(
  { admin, identityProviders }: Configuration,
  web: (origin: string) => Web,
  hsts: string | undefined,
): App[] {
  const { url, access } = admin;
  const host = url === undefined ? undefined : parseHost(new URL(url).host);
  if (url === undefined || access === undefined || host === undefined) return [];
  const policy: AppPolicy = {
    app: ADMIN_APP,
    hosts: [host],
    path: '/',
    // The configuration has seen to it that there is only one where none is named.
    identityProviders: admin.identityProviders ?? identityProviders.slice(0, 1).map(({ name }) => name),
    access,
  };
  const may = mayPost(policy);
  return [
    {
      ...policy,
      title: 'curfew',
      isUnlisted: true,
      ownSp: undefined,
      origins: [url],
      upstream: inHere(web(url), hsts),
      keptFormBytes: 0,
      identityHeaders: ({ id, identity }, now) => [
        ...['session', id, 'idp', identity.idp],
        ...['nameId', identity.nameId.value, 'issued', issuedNameId(identity).value],
        ...['endsOne', may('/sessions/end', identity, now), 'endsAll', may('/logout', identity, now)],
      ],
      returnTo: undefined,
      upstreamOrigin: url,
      upstreamTls: undefined,
      exposure: undefined,
      isSignOut: () => false,
      goodbye: undefined,
      formSignIn: undefined,
    },
  ];
}

/** By the same rules as the request itself, so that nobody is shown a button that would be refused. Who only has to sign in anew for it, may. */
function mayPost(policy: AppPolicy): (path: Path, identity: Identity, now: EpochMs) => 'yes' | 'no' {
  const compiled = compileTable([policy]).find(policy.hosts[0]?.name, '/');
  return (path, identity, now) =>
    compiled === undefined ||
    compiled === 'ambiguous' ||
    decide(compiled, path, 'POST', identity, now).outcome === 'forbidden'
      ? 'no'
      : 'yes';
}

/** The way to an app that is in this process: there is no connection to be kept, opened or given up. */
function inHere(web: Web, hsts: string | undefined): Upstream {
  const open = new Set<ServerResponse>();
  return {
    forward: (request, response, passage) =>
      new Promise<Forwarded>((resolve) => {
        const asker = askerIn(passage, (error) => resolve({ kind: 'failed', error }));
        const isGone = asker?.connection.isCut === true || response.closed;
        if (asker === undefined || isGone) {
          resolve(isGone ? { kind: 'cut', by: 'logout' } : notHere());
          return;
        }
        open.add(response);
        response.once('close', () => {
          open.delete(response);
          resolve(
            response.writableFinished
              ? { kind: 'done', status: response.statusCode }
              : { kind: 'cut', by: asker.connection.isCut ? 'logout' : 'client' },
          );
        });
        if (hsts !== undefined && passage.proto === 'https') response.setHeader('Strict-Transport-Security', hsts);
        if (passage.awaitsContinue === true) response.writeContinue();
        web(request, response, asker);
      }),
    upgrade: () => Promise.resolve(notHere()),
    // Streams of events have no end of their own that could be waited for.
    closeTunnels: () => {
      for (const response of open) if (response.headersSent) response.end();
    },
    giveUp: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

const notHere = (): Forwarded => ({ kind: 'failed', error: refuseHttp('NOT_FOUND') });

/** Undefined where nobody is signed in, whom no rule lets in. */
function askerIn({ identityHeaders, connection }: Passage, failed: Asker['failed']): Asker | undefined {
  const [, session, , idp, , nameId, , issued, , endsOne, , endsAll] = identityHeaders;
  if (connection === undefined || session === undefined || idp === undefined || nameId === undefined) return undefined;
  const who = { session: session as SessionId, idp, nameId };
  const may = { endOne: endsOne === 'yes', endAll: endsAll === 'yes' };
  return { who, may, names: [nameId, ...(issued === undefined ? [] : [issued])], connection, failed };
}

// The sign-out of a drill, in the way that was asked for.

import { setTimeout as pause } from 'node:timers/promises';
import { openVisitor, type Landed } from '../../upstream/visitor.ts';
import { isSentToSignIn, type Gate, type Inside } from './enter.ts';
import type { Left } from './report.ts';
import { carries } from './sides.ts';
import type { Wish } from './wish.ts';

/** The sign-out, and when the LogoutRequest left, by `performance.now()`. */
export interface Leaving {
  readonly left: Left;
  readonly from: number;
}

const LOOK_EVERY_MS = 250;
const WAIT_MS = 5 * 60_000;

/** Signs out. Rejects with VisitFailure where there is no answer. */
export async function leave(wish: Wish, gate: Gate, inside: Inside, tell: (line: string) => void): Promise<Leaving> {
  const { wayOut } = wish;
  const how = await wayOutOf(wish, gate, inside, tell);
  const names = {
    'back-channel': inside.sessions.length > 1 ? 'LogoutRequests by SOAP' : 'a LogoutRequest by SOAP',
    person: '/.curfew/logout',
    idp: 'the identity provider',
    wait: 'elsewhere',
  };
  const milliseconds = Math.round(performance.now() - how.from);
  const { outcome, isGood, from } = how;
  const goodbyes = gate.rehearsal?.goodbyes() ?? [];
  const sessionsAlike = gate.rehearsal?.alike() ?? 0;
  return { from, left: { how: names[wayOut.kind], outcome, isGood, milliseconds, goodbyes, sessionsAlike } };
}

interface Outcome {
  readonly from: number;
  readonly outcome: string;
  readonly isGood: boolean;
}

async function wayOutOf({ wayOut }: Wish, gate: Gate, inside: Inside, tell: (line: string) => void): Promise<Outcome> {
  switch (wayOut.kind) {
    case 'back-channel':
      return byBackChannel(gate, inside);
    case 'person': {
      const begun = performance.now();
      // One service provider's sign-out is the other's only where the identity provider makes it so.
      const ends: Landed[] = [];
      for (const { page } of inside.signedInAt) {
        ends.push(await inside.visitor.go({ method: 'GET', url: new URL('/.curfew/logout', page.url.origin) }));
      }
      const isGood = ends.length > 0 && ends.every(({ status }) => status < 400);
      return { from: begun, outcome: ends.map(endOf).join('; ') || 'nobody is signed in', isGood };
    }
    case 'idp': {
      const landed = await inside.visitor.go({ method: 'GET', url: wayOut.url });
      const request = landed.way.find((step) => carries(gate.sides, step, 'SAMLRequest'));
      if (request !== undefined) return { from: request.at, outcome: endOf(landed), isGood: landed.status < 400 };
      const outcome = `no LogoutRequest came through this browser; ${endOf(landed)}`;
      return { from: landed.way[0]?.at ?? performance.now(), outcome, isGood: false };
    }
    case 'wait':
      tell('  now end the session at the identity provider');
      return untilClosed(gate, inside);
  }
}

const endOf = ({ status, url }: Landed): string => `the way ended with ${status} at ${url.origin}${url.pathname}`;

/** As a server would: no cookie, an answer on the same exchange. */
async function byBackChannel(gate: Gate, { sessions }: Inside): Promise<Outcome> {
  const { rehearsal } = gate;
  const from = performance.now();
  if (rehearsal === undefined || sessions.length === 0) {
    return { from, outcome: 'there is no session to sign out', isGood: false };
  }
  const answers = await Promise.all(sessions.map((session) => asked(gate, rehearsal.logoutRequest(session))));
  return { from, outcome: [...new Set(answers)].join('; '), isGood: answers.every((answer) => answer === 'Success') };
}

/** Sends one LogoutRequest; resolves with the status codes of its answer. */
async function asked(gate: Gate, { url, body }: { readonly url: URL; readonly body: string }): Promise<string> {
  const answer = await openVisitor(gate).ask({
    method: 'POST',
    url,
    body: { type: 'text/xml; charset=utf-8', bytes: Buffer.from(body) },
  });
  const codes = [...answer.body.toString().matchAll(/StatusCode Value="[^"]*:(\w+)"/g)].map(([, code]) => code ?? '');
  return codes.length === 0 ? `no LogoutResponse: ${answer.status}` : codes.join(', ');
}

/** The time of the LogoutRequest is not known here: what is measured begins when the first page was seen closed. */
async function untilClosed(gate: Gate, { visitor, pages }: Inside): Promise<Outcome> {
  const page = pages.find(({ isPublic }) => !isPublic);
  const begun = performance.now();
  while (page !== undefined && performance.now() - begun < WAIT_MS) {
    const seen = await visitor.ask({ method: 'GET', url: page.url, cookie: page.cookie });
    if (isSentToSignIn(gate, seen))
      return { from: performance.now(), outcome: 'the first page is closed', isGood: true };
    await pause(LOOK_EVERY_MS, undefined, { signal: gate.signal });
  }
  return { from: performance.now(), outcome: 'nobody signed the person out', isGood: false };
}

// The door for upgrades (WebSocket): the same admission, and answers written on a bare socket.

import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CurfewError } from '../kernel/errors.ts';
import type { StepFacts } from '../kernel/tracing.ts';
import type { End } from '../live/registry.ts';
import type { Passage } from '../proxy/engine.ts';
import { challenge, type Challenge } from './challenge.ts';
import { refuseHttp } from './codes.ts';
import type { Doors, Seen } from './doors.ts';
import { asCurfewError, report } from './error-boundary.ts';
import { admitted, refusal } from './forward.ts';
import { jarFor } from './jar.ts';
import { takingLeftovers } from './leftovers.ts';
import { passageOf } from './passage.ts';
import { ownAddress, see } from './see.ts';
import { asking, forwardedAs, goingOn, refusedAs, within } from './traced.ts';

/** How long whoever was refused may take to hear it and leave: nobody else watches over a socket that has left the server. */
const LEAVE_LIMIT_MS = 5000;

/** For the server's `upgrade` event. Never rejects. */
export const onUpgrade =
  (doors: Doors) =>
  async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // A browser that goes away in the middle of this must not take the process along.
    socket.on('error', () => socket.destroy());
    const seen = see(doors, request);
    await within(doors, seen, request, async () => {
      try {
        // Apart: an argument of an optional call is not worked out where there is no trace.
        const end = await pass(doors, request, socket, head, seen);
        seen.trace?.end(end);
      } catch (cause) {
        const error = asCurfewError(cause);
        report(doors, error, seen.requestId);
        refuse(socket, error, seen.requestId);
        seen.trace?.end(refusedAs(error));
      }
    });
  };

/** Answers how it came to its end. */
async function pass(
  doors: Doors,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  seen: Seen,
): Promise<StepFacts> {
  if (ownAddress(doors, seen) !== undefined) throw refuseHttp('NOT_FOUND');
  // From the moment the tunnel has the socket it is the tunnel's to cut: a bare cut would take the words of its Close away.
  let isHandedOn = false;
  const browser: End = {
    destroy: () => {
      if (!isHandedOn) socket.destroy();
    },
  };
  const admission = await admitted(doors, seen, request, browser);
  if (admission.kind === 'refused') {
    throw refusal(doors, admission, seen, request.method ?? 'GET');
  }
  if (admission.kind === 'sign-in') {
    const answer = challenge(doors, request, seen, admission.app, admission.demand);
    const { status, headers, body } = takingLeftovers(answer, doors, request, seen);
    write(socket, status, headers, body);
    return { status };
  }
  const { app, connection } = admission;
  try {
    const passage = passageOf(admission, seen, doors.clock.now(), await jarFor(doors, admission, request, seen));
    isHandedOn = true;
    const upgraded = (to: Passage) => app.upstream.upgrade(request, socket, head, to);
    const outcome = await (seen.trace?.isSampled === true
      ? asking(doors, app.app, seen.trace, passage, upgraded)
      : goingOn(doors, seen, () => upgraded(passage)));
    if (outcome.kind === 'failed') throw outcome.error;
    return forwardedAs(outcome);
  } finally {
    connection?.release();
  }
}

function refuse(socket: Duplex, error: CurfewError, requestId: string): void {
  const body = JSON.stringify({ error: error.code, message: error.publicMessage, requestId });
  write(socket, error.status, { 'X-Curfew': error.code, 'Content-Type': 'application/json; charset=utf-8' }, body);
}

function write(socket: Duplex, status: number, headers: Challenge['headers'], body: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries({ ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' });
  const head = lines.flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`)).join('');
  const late = setTimeout(() => socket.destroy(), LEAVE_LIMIT_MS);
  socket.once('close', () => clearTimeout(late));
  // Left unread, what it sends would become a reset that overtakes the answer.
  socket.resume().end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${body}`);
}

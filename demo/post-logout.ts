// LogoutRequests the walk posts by itself: one that was sent before, and one that nobody signed.

import { systemClock } from '../gateway/kernel/clock.ts';
import { codesIn, soapPosting, type SignOutReport } from './identity-provider/back-channel.ts';
import { soapEnvelope } from './identity-provider/bindings.ts';
import { deliver, type Posting } from './identity-provider/deliver.ts';
import { logoutRequestFields } from './identity-provider/fields.ts';
import { logoutRequestXml } from './identity-provider/messages.ts';
import { Refusal } from './identity-provider/refusal.ts';
import { logoutAddress, readServiceProvider, type ServiceProvider } from './identity-provider/service-provider.ts';
import type { Scene } from './scene.ts';

/** What was posted and what came back. */
export interface Answer extends Pick<SignOutReport, 'codes' | 'problem' | 'requestId'> {
  readonly sent: Posting;
}

/** Posts the same bytes again. `codes` are those of a LogoutResponse that curfew signed for this very request, else empty. */
export async function repeat(scene: Scene, { sent, requestId }: Answer): Promise<Answer> {
  const { body } = await deliver(sent);
  try {
    return { sent, requestId, codes: codesIn(body, 'soap', curfewOf(scene), requestId) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { sent, requestId, codes: [], problem: error.message };
  }
}

/** Posts what the identity provider would post to sign Bob out, without its signature; resolves with the status. */
export async function forgeAboutBob(scene: Scene): Promise<number> {
  const session = scene.idp.sessions().find(({ account }) => account.username === 'bob');
  const sp = curfewOf(scene);
  const nameId = session?.participants.get(sp.entityId)?.nameId;
  const destination = logoutAddress(sp, 'soap', 'request');
  if (session === undefined || nameId === undefined || destination === undefined)
    throw new Error('Bob is not signed in');
  const fields = logoutRequestFields({
    issuer: scene.idp.entityId,
    destination,
    now: systemClock.now(),
    nameId,
    sessionIndexes: [session.sessionIndex],
  });
  const { status } = await deliver(soapPosting(destination, soapEnvelope(logoutRequestXml(fields))));
  return status;
}

const curfewOf = ({ running }: Scene): ServiceProvider =>
  readServiceProvider(running.parts.doors.serviceProvider.metadata);

// Fetches the message that an artifact stands for, server to server (bindings §3.6): once for each artifact, and not from anybody that a stranger names.

import { plus, type Clock } from '../kernel/clock.ts';
import type { Arrived, ArrivedArtifact } from '../saml/arrived.ts';
import type { AskedForArtifact } from '../saml/artifact/response.ts';
import { refuse } from '../saml/codes.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Ledger } from '../sessions/sessions.ts';
import type { SoapCall } from './tell-idp.ts';

/** What resolving needs. */
export interface ResolveArtifactParts {
  readonly ledger: Ledger;
  readonly serviceProvider: ServiceProvider;
  readonly soapCall: SoapCall;
  readonly clock: Clock;
}

/** The message, for the guard to judge. Rejects with SAML_* codes: what came was no artifact, or no answer to it. */
export type ResolveArtifact = (arrived: ArrivedArtifact) => Promise<Arrived>;

/** Anybody can send an artifact and have us ask: so many calls at a time. */
const AT_ONCE = 32;
/** Longer than any message in it is good for. */
const REMEMBERED_MS = 15 * 60_000;

/** Makes it, with nothing under way. */
export function openResolveArtifact({
  ledger,
  serviceProvider,
  soapCall,
  clock,
}: ResolveArtifactParts): ResolveArtifact {
  let underWay = 0;

  async function ask({ idp, url, body }: AskedForArtifact): Promise<Buffer> {
    if (underWay >= AT_ONCE) throw refuse('SAML_ARTIFACT_UNRESOLVED', { detail: { idp: idp.name, reason: 'busy' } });
    underWay += 1;
    try {
      return await soapCall(url, body, serviceProvider.identityProvider(idp.name)?.soapTls);
    } catch (cause) {
      throw refuse('SAML_ARTIFACT_UNRESOLVED', { cause, detail: { idp: idp.name, reason: 'no answer' } });
    } finally {
      underWay -= 1;
    }
  }

  return async (arrived) => {
    const asked = serviceProvider.artifactResolve(arrived.artifact, clock.now());
    const message = serviceProvider.messageFor(asked, await ask(asked), arrived, clock.now());
    const now = clock.now();
    // After the answer, so that a stranger cannot fill the ledger: an artifact nobody made has no message.
    const isFirst = await ledger.once('artifact', arrived.artifact.text, plus(now, REMEMBERED_MS), now);
    if (!isFirst) throw refuse('SAML_REPLAY', { detail: { idp: asked.idp.name, part: 'artifact' } });
    return message;
  };
}

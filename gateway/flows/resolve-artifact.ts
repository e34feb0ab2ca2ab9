// Fetches the message that an artifact stands for, server to server (bindings §3.6): once for each artifact, and not from anybody that a stranger names.

import { plus, type Clock } from '../kernel/clock.ts';
import type { Familiar } from '../kernel/familiar.ts';
import { subscriber } from '../kernel/subscriber.ts';
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
  readonly familiar: Familiar;
}

/** The message, for the guard to judge. Rejects with SAML_* codes: what came was no artifact, or no answer to it. `address`: who brought it. */
export type ResolveArtifact = (arrived: ArrivedArtifact, address: string) => Promise<Arrived>;

/** Anybody can send an artifact and have us ask: so many calls at a time for all strangers, and as many for addresses of which something good has come. */
const AT_ONCE = 32;
/** For one stranger's address. An identity provider takes some 50 ms, so that an office behind one gets 160 answers a second. */
const AT_ONCE_EACH = 8;
/** Longer than any message in it is good for. */
const REMEMBERED_MS = 15 * 60_000;

/** Makes it, with nothing under way. */
export function openResolveArtifact({
  ledger,
  serviceProvider,
  soapCall,
  clock,
  familiar,
}: ResolveArtifactParts): ResolveArtifact {
  const underWay = { known: 0, strange: 0 };
  const of = new Map<string, number>();

  async function ask({ idp, url, body }: AskedForArtifact, address: string): Promise<Buffer> {
    const from = subscriber(address);
    const who = familiar.knows(address) ? 'known' : 'strange';
    const own = of.get(from) ?? 0;
    if (underWay[who] >= AT_ONCE || (who === 'strange' && own >= AT_ONCE_EACH))
      throw refuse('SAML_ARTIFACT_UNRESOLVED', { detail: { idp: idp.name, reason: 'busy', address } });
    underWay[who] += 1;
    of.set(from, own + 1);
    try {
      return await soapCall(url, body, serviceProvider.identityProvider(idp.name)?.soapTls);
    } catch (cause) {
      throw refuse('SAML_ARTIFACT_UNRESOLVED', { cause, detail: { idp: idp.name, reason: 'no answer' } });
    } finally {
      underWay[who] -= 1;
      const left = (of.get(from) ?? 1) - 1;
      if (left > 0) of.set(from, left);
      else of.delete(from);
    }
  }

  return async (arrived, address) => {
    const asked = serviceProvider.artifactResolve(arrived.artifact, clock.now());
    const message = serviceProvider.messageFor(asked, await ask(asked, address), arrived, clock.now());
    const now = clock.now();
    // After the answer, so that a stranger cannot fill the ledger: an artifact nobody made has no message.
    const isFirst = await ledger.once('artifact', arrived.artifact.text, plus(now, REMEMBERED_MS), now);
    if (!isFirst) throw refuse('SAML_REPLAY', { detail: { idp: asked.idp.name, part: 'artifact' } });
    return message;
  };
}

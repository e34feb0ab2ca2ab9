// The guard's memory for tests: what was sent and awaits an answer, and what was used.

import type { EpochMs } from '../../gateway/kernel/words.ts';
import type { MessageMemory } from '../../gateway/saml/guard/message.ts';

/** The guard's memory, in Maps; everything a message needs is put in beforehand. */
export function rememberedMessages() {
  const signIns = new Map<string, NonNullable<Awaited<ReturnType<MessageMemory['readAuthnRequest']>>>>();
  const signOuts = new Map<string, NonNullable<Awaited<ReturnType<MessageMemory['takeLogoutRequest']>>>>();
  const used = new Map<string, EpochMs>();
  const taken = <T>(from: Map<string, T>, id: string): T | undefined => {
    const found = from.get(id);
    from.delete(id);
    return found;
  };
  const memory: MessageMemory = {
    readAuthnRequest: async (id) => signIns.get(id),
    takeAuthnRequest: async (id) => taken(signIns, id),
    readLogoutRequest: async (id) => signOuts.get(id),
    takeLogoutRequest: async (id) => taken(signOuts, id),
    useAssertion: async (idp, id, until) => {
      const known = used.has(`${idp} ${id}`);
      used.set(`${idp} ${id}`, until);
      return !known;
    },
  };
  return { memory, awaits: { signIns, signOuts, used } };
}

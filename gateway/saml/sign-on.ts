// How one sign-in is asked for, and what its answer is held to: whatever is asked is also demanded, so that an identity provider that overlooks it
// does not pass for one that obeyed.

import type { EpochMs, SignInDemand } from '../kernel/words.ts';
import type { SentAuthnRequest } from './guard/message.ts';
import type { SignOnWishes } from './ours/messages.ts';

/** How sign-ins are asked for at one identity provider; `auto` takes Redirect where its metadata offers it. */
export interface SignOnSettings extends Omit<SignOnWishes, 'passive'> {
  readonly binding: 'auto' | 'redirect' | 'post';
  /** Contexts from the weakest to the strongest; has all of `contexts` where `comparison` is not `exact`. */
  readonly order: readonly string[];
}

/** One question: what is written into it, and what the answer must be. */
export interface SignOn {
  readonly wishes: SignOnWishes;
  readonly expects: Pick<SentAuthnRequest, 'contexts' | 'forcedAt' | 'passive'>;
}

/** What the settings and an app's demand come to. A rule's contexts take the place of those of the settings, and are meant exactly. */
export function signOnOf(
  { binding: _, order, ...settings }: SignOnSettings,
  { contexts, force }: SignInDemand,
  passive: boolean,
  now: EpochMs,
): SignOn {
  const isForced = (settings.force || force) && !passive;
  const asked = contexts.length === 0 ? settings : { ...settings, contexts, comparison: 'exact' as const };
  return {
    wishes: { ...asked, force: isForced, passive },
    expects: { contexts: sufficient(asked, order), passive, ...(isForced && { forcedAt: now }) },
  };
}

/**
 * Which contexts an answer may carry (saml-core §3.3.2.2.1): `minimum` one of those asked for or a stronger one, `better` one that is stronger than
 * all of them, `maximum` one that is not stronger than the strongest of them.
 */
export function sufficient(
  { contexts, comparison }: Pick<SignOnWishes, 'contexts' | 'comparison'>,
  order: readonly string[],
): readonly string[] {
  if (comparison === 'exact' || contexts.length === 0) return contexts;
  const places = contexts.map((context) => order.indexOf(context));
  if (comparison === 'minimum') return order.slice(Math.min(...places));
  if (comparison === 'better') return order.slice(Math.max(...places) + 1);
  return order.slice(0, Math.max(...places) + 1);
}

// The person is out here; the page says what is known of the identity provider and of each app.

import type { Draft } from './drafts.ts';
import type { Texts } from './texts/texts.ts';

/** What became of it. */
export interface SignedOutFacts {
  readonly idp: 'told' | 'partial' | 'failed' | 'not-told';
  /** The apps that were told, or could not be. */
  readonly apps: readonly { readonly title: string; readonly told: boolean }[] | undefined;
  /** Where the operator wants people to go on. */
  readonly returnTo: string | undefined;
  /** A page that asks to sign in; offered where there is no place to go on. */
  readonly again: string | undefined;
}

/** Identity providers show it in frames of theirs during a logout. */
export function signedOutDraft({ signedOut: texts }: Texts, facts: SignedOutFacts): Draft {
  const { idp, apps = [], returnTo, again } = facts;
  const on =
    returnTo !== undefined
      ? { url: returnTo, text: texts.goOn }
      : again !== undefined
        ? { url: again, text: texts.signInAgain }
        : undefined;
  return {
    page: 'signed-out',
    title: texts.title,
    framed: true,
    view: {
      title: texts.heading,
      over: texts.over,
      idp: texts.idp[idp],
      advice: idp === 'told' ? undefined : texts.advice[idp],
      apps: apps.map(({ title, told }) => ({
        told: told ? texts.appTold(title) : undefined,
        notTold: told ? undefined : texts.appNotTold(title),
      })),
      on,
    },
  };
}

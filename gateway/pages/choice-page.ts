// The page on which people say where they sign in. Links and nothing else: it works without scripts, by keyboard and read aloud.

import type { Draft } from './drafts.ts';
import type { Texts } from './texts/texts.ts';

/** One way to go on. */
export interface Choice {
  readonly title: string;
  readonly url: string;
  /** Taken the last time in this browser. */
  readonly isLast: boolean;
}

/** Asks, in the order given. It never goes on by itself: whoever took the wrong way last time would have no way back. */
export function choiceDraft(
  { choice: texts }: Texts,
  { app, choices }: { readonly app: string; readonly choices: readonly Choice[] },
): Draft {
  const { title, asLastTime } = texts;
  const listed = choices.map(({ title: name, url, isLast }) => ({ name, url, note: isLast ? asLastTime : undefined }));
  return { page: 'choice', title, view: { title, intro: texts.intro(app), choices: listed } };
}

/** Shows a person who has signed in where they may go. */
export function appsDraft(
  { apps: { title, intro } }: Texts,
  { apps }: { readonly apps: readonly Omit<Choice, 'isLast'>[] },
): Draft {
  const choices = apps.map(({ title: name, url }) => ({ name, url, note: undefined }));
  return { page: 'apps', title, view: { title, intro, choices } };
}

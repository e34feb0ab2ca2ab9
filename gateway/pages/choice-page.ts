// The page on which people say where they sign in. Links and nothing else: it works without scripts, by keyboard and read aloud.

import { html, page, type Html, type Page } from './page.ts';

/** One way to sign in. */
export interface Choice {
  readonly title: string;
  readonly url: string;
  /** Taken the last time in this browser. */
  readonly isLast: boolean;
}

/** Asks, in the order given. It never goes on by itself: whoever took the wrong way last time would have no way back. */
export function choicePage({ app, choices }: { readonly app: string; readonly choices: readonly Choice[] }): Page {
  return page({
    title: 'Where do you sign in?',
    body: html`<h1>Where do you sign in?</h1>
      <p>People of several organisations use ${app}. Please choose yours.</p>
      ${listOf(choices)}`,
  });
}

/** Shows a person who has signed in where they may go. */
export function appsPage({ apps }: { readonly apps: readonly Omit<Choice, 'isLast'>[] }): Page {
  return page({
    title: 'Where do you want to go?',
    body: html`<h1>Where do you want to go?</h1>
      <p>You are signed in. Please choose an application.</p>
      ${listOf(apps.map((app) => ({ ...app, isLast: false })))}`,
  });
}

const listOf = (choices: readonly Choice[]): Html =>
  html`<ul class="choices">
    ${choices.map(
      ({ title, url, isLast }) =>
        html`<li><a href="${url}">${title}${isLast ? html` <small>as last time</small>` : undefined}</a></li>`,
    )}
  </ul>`;

// The pages with forms: a message on its way to its receiver, and around a form that met no session: it is sent on now, it waits for a yes, or
// it has to be sent again.

import type { Draft } from './drafts.ts';
import { reasonIn } from './failure-page.ts';
import { html } from './html.ts';
import type { Texts } from './texts/texts.ts';

/** The one field of the form that stands in for the one kept here. */
export const STAND_IN_FIELD = 'curfew-form';

/** Carries a SAML message to its receiver through the browser (bindings §3.5.4); a button does it where scripts are off. */
export function postDraft(
  { post: { title, intro, goOn } }: Texts,
  facts: { readonly url: string; readonly fields: Readonly<Record<string, string>> },
): Draft {
  const inputs = Object.entries(facts.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const form = html`<form method="post" action="${facts.url}">
    ${inputs}
    <p><button class="action">${goOn}</button></p>
  </form>`;
  return { page: 'post', title, view: { title, intro, form }, posts: 'by itself', framed: true };
}

/** What is known of a form that waits. */
export interface SendFormFacts {
  /** Where the form goes, absolute. */
  readonly url: string;
  readonly standIn: string;
  readonly app: string;
  /** Who has signed in, where nobody knows who filled in the form. */
  readonly ask: string | undefined;
  readonly back: string;
}

/**
 * Has the browser send a form that is kept: what it posts is its stand-in, and the gateway puts the bytes in. By itself, with a
 * button where scripts are off; where `ask` names somebody, only when that person says so.
 */
export function sendFormDraft({ form: texts }: Texts, { url, standIn, app, ask, back }: SendFormFacts): Draft {
  const isAsked = ask !== undefined;
  const title = isAsked ? texts.ask : texts.sending;
  // text/plain is a coding that applications do not use, so that nobody takes this for a form of theirs.
  const form = html`<form method="post" enctype="text/plain" action="${url}">
    <input type="hidden" name="${STAND_IN_FIELD}" value="${standIn}" />
    <p><button class="action">${texts.send}</button></p>
  </form>`;
  return {
    page: 'send-form',
    title,
    posts: isAsked ? 'when asked' : 'by itself',
    view: {
      title,
      intro: isAsked ? texts.askIntro(html`<strong><bdi>${ask}</bdi></strong>`, app) : texts.sendingIntro(app),
      warning: isAsked ? texts.askWarning : undefined,
      form,
      back: isAsked ? { url: back, text: texts.doNotSend } : undefined,
    },
  };
}

/** What is known of a form that is lost. */
export interface LostFormFacts {
  readonly code: string;
  /** In the language of the page. */
  readonly message: string;
  readonly requestId: string;
  readonly back: string;
}

/** Says that a form did not reach the app, why, and where it can be filled in again. */
export function lostFormDraft(texts: Texts, facts: LostFormFacts): Draft {
  const { gone, ofAnother, again, againIntro, back } = texts.form;
  const { code, message } = facts;
  const heading = code === 'FORM_GONE' ? gone : code === 'FORM_OF_ANOTHER' ? ofAnother : undefined;
  const title = heading ?? again;
  return {
    page: 'lost-form',
    title,
    view: {
      title,
      message,
      advice: heading === undefined ? againIntro : undefined,
      back: { url: facts.back, text: back },
      ...reasonIn(texts, facts),
    },
  };
}

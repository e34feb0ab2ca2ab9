// The pages around a form that met no session: it is sent on now, it waits for a yes, or it has to be sent again.

import { Html, html, page, type Page } from './page.ts';

/** The one field of the form that stands in for the one kept here. */
export const STAND_IN_FIELD = 'curfew-form';

/**
 * Has the browser send a form that is kept: what it posts is its stand-in, and the gateway puts the bytes in. By itself, with a
 * button where scripts are off; where `ask` names somebody, only when that person says so.
 */
export function sendFormPage(facts: {
  /** Where the form goes, absolute. */
  readonly url: string;
  readonly standIn: string;
  readonly app: string;
  /** Who has signed in, where nobody knows who filled in the form. */
  readonly ask: string | undefined;
  readonly back: string;
}): Page {
  const { url, standIn, app, ask, back } = facts;
  const title = ask === undefined ? 'Your form is being sent' : 'Send the form?';
  const words =
    ask === undefined
      ? html`<p>You had to sign in first; now the form goes on to ${app}. If nothing happens, please press the button.</p>`
      : html`<p>
            Before you signed in as <strong>${ask}</strong>, a form was sent from this browser to ${app}. It has been kept, and is sent
            in your name only if you say so.
          </p>
          <p>If it was not you who filled it in, do not send it.</p>`;
  return page({
    title,
    // text/plain is a coding that applications do not use, so that nobody takes this for a form of theirs.
    body: html`<h1>${title}</h1>
      <form method="post" enctype="text/plain" action="${url}">
        <input type="hidden" name="${STAND_IN_FIELD}" value="${standIn}" />
        ${words}
        <p><button class="action">Send the form</button></p>
      </form>
      ${ask === undefined ? undefined : html`<p><a href="${back}">Do not send it</a></p>`}`,
    script: ask === undefined ? 'document.forms[0].submit()' : undefined,
  });
}

const HEADINGS: Readonly<Record<string, string>> = {
  FORM_GONE: 'There is no form to send',
  FORM_OF_ANOTHER: 'The form was not sent',
};

/** Says that a form did not reach the app, why, and where it can be filled in again. */
export function lostFormPage(facts: {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  readonly back: string;
}): Page {
  const { code, message, requestId, back } = facts;
  const title = HEADINGS[code] ?? 'Please send the form again';
  return page({
    title,
    body: html`<h1>${title}</h1>
      <p>${message}</p>
      ${code in HEADINGS ? undefined : AGAIN}
      <p><a class="action" href="${back}">Back to the page</a></p>
      <dl>
        <dt>Reason</dt>
        <dd>${code}</dd>
        <dt>Request</dt>
        <dd>${requestId}</dd>
      </dl>`,
  });
}

const AGAIN = new Html(
  '<p>You are signed in now. <strong>What you sent has not arrived</strong>: please fill in the form again and send it.</p>',
);

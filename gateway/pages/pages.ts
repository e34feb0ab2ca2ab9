// The pages people meet: refused or failed, on the way by form, signed out.

import { Html, html, page, type Page } from './page.ts';

/** Says what went wrong, with what an operator needs to find the line in the log. */
export function errorPage(facts: {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}): Page {
  return page({
    title: titleOf(facts.status),
    body: html`<h1>${titleOf(facts.status)}</h1>
      <p>${facts.message}</p>
      <dl>
        <dt>Reason</dt>
        <dd>${facts.code}</dd>
        <dt>Request</dt>
        <dd>${facts.requestId}</dd>
      </dl>`,
  });
}

const AUTO_POST = 'document.forms[0].submit()';

/** Carries a SAML message to its receiver through the browser (bindings §3.5.4); a button does it where scripts are off. */
export function postPage(facts: { readonly url: string; readonly fields: Readonly<Record<string, string>> }): Page {
  const inputs = Object.entries(facts.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return page({
    title: 'One moment',
    body: html`<h1>One moment</h1>
      <form method="post" action="${facts.url}">
        ${inputs}
        <p>You are being taken on. If nothing happens, please press the button.</p>
        <p><button class="action">Go on</button></p>
      </form>`,
    script: AUTO_POST,
    framed: true,
  });
}

/** The person is out here; says what is known of the identity provider. */
export function signedOutPage(facts: {
  readonly idp: 'told' | 'partial' | 'failed' | 'not-told';
  /** The apps that were told, or could not be. */
  readonly apps: readonly { readonly app: string; readonly told: boolean }[] | undefined;
  /** Where the operator wants people to go on. */
  readonly returnTo: string | undefined;
  /** A page that asks to sign in; offered where there is no place to go on. */
  readonly again: string | undefined;
}): Page {
  const [address, words] = facts.returnTo === undefined ? [facts.again, 'Sign in again'] : [facts.returnTo, 'Go on'];
  const back = address === undefined ? undefined : html`<p><a class="action" href="${address}">${words}</a></p>`;
  return page({
    title: 'Signed out',
    body: html`<h1>You are signed out</h1>
      <p>Your session is over, in every application behind this gateway.</p>
      <p>${SIGNED_OUT[facts.idp]}</p>
      ${(facts.apps ?? []).map(appTold)}
      ${back}`,
    framed: true,
  });
}

const appTold = ({ app, told }: { readonly app: string; readonly told: boolean }): Html =>
  told
    ? html`<p>${app}: signed out there as well.</p>`
    : html`<p>${app}: could not be told, but nobody gets to it through this browser any more.</p>`;

const SIGNED_OUT = {
  told: new Html('Your identity provider has signed you out as well.'),
  partial: new Html(
    'Your identity provider has signed you out, but could not reach every other application. <strong>Close the browser</strong> to be on the safe side.',
  ),
  failed: new Html(
    'Your identity provider did not confirm that it has signed you out. <strong>Close the browser</strong> if others use it.',
  ),
  'not-told': new Html(
    'You may still be signed in at your identity provider. <strong>Close the browser</strong> if others use it.',
  ),
} as const;

/** The heading for an HTTP status, in words for people. */
function titleOf(status: number): string {
  if (status === 403) return 'You may not open this';
  if (status === 404) return 'There is nothing here';
  if (status === 413) return 'That was too much at once';
  if (status === 502 || status === 504) return 'The application does not answer';
  if (status >= 500) return 'This does not work at the moment';
  return 'This did not work';
}

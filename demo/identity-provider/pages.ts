// The pages people see. Every value is escaped where it enters HTML.

import { escapeHtml, htmlPage } from '../page.ts';
import type { Account } from './accounts.ts';
import type { SignOutReport } from './back-channel.ts';
import { STATUS } from './names.ts';
import type { IdpSession } from './state.ts';

/** A page that posts a form by itself, and has a button for browsers without scripts (saml-bindings §3.5.4). */
export const autoPostPage = (location: string, fields: Readonly<Record<string, string>>): string =>
  page(
    'One moment',
    `<form method="post" action="${escapeHtml(location)}">
${Object.entries(fields)
  .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
  .join('\n')}
<noscript><p>Your browser runs no scripts; one click is needed.</p><button>Continue</button></noscript>
</form>
<script>document.forms[0].submit()</script>`,
  );

/** The login form, with the passwords to use on it. `login` names the AuthnRequest that waits for it, or is empty. */
export const loginPage = (facts: {
  login: string;
  accounts: readonly Account[];
  sp?: string | undefined;
  failed?: boolean;
}): string =>
  page(
    'Sign in',
    `<div class="card">
${facts.failed ? '<p class="bad" role="alert">That name and password do not belong together.</p>' : ''}
${facts.sp === undefined ? '' : `<p class="note">to go on to ${escapeHtml(facts.sp)}</p>`}
<form method="post" action="/login">
<input type="hidden" name="login" value="${escapeHtml(facts.login)}">
<label>User name <input name="username" autocomplete="username" autocapitalize="none" autofocus required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form></div>
<p class="note">${facts.accounts.map(({ username, password }) => escapeHtml(`${username} / ${password}`)).join(' or ')}</p>`,
  );

/** Who is signed in, and the ways out. */
export const homePage = (
  session: IdpSession | undefined,
  everyone: readonly IdpSession[],
  serviceProviders: readonly string[],
): string =>
  page(
    'Identity provider',
    session
      ? `<div class="card"><p>You are signed in as <strong>${nameOf(session)}</strong>.</p>
${signOutButtons(session.account.username)}</div>
${signedIn(everyone)}${starts(serviceProviders)}`
      : `<div class="card"><p>You are not signed in here.</p><p><a href="/login">Sign in</a></p></div>${signedIn(everyone)}`,
  );

/** What became of each LogoutRequest. */
export const signedOutPage = (username: string, reports: readonly SignOutReport[]): string =>
  page(
    'Sign-out',
    `<div class="card"><p><strong>${escapeHtml(username)}</strong> is signed out here${reports.every(isGood) ? ' and everywhere' : ''}.</p>
${
  reports.length === 0
    ? '<p>No application had to be told.</p>'
    : `<table><tr><th>told</th><th>by</th><th>it said</th><th>after</th></tr>${reports.map(reportRow).join('')}</table>`
}</div><p><a href="/">Back</a></p>`,
  );

/** Why nothing was done. */
export const refusalPage = (reason: string): string =>
  page('That did not work', `<div class="card"><p class="bad" role="alert">${escapeHtml(reason)}</p></div>`);

const page = (title: string, body: string): string =>
  htmlPage({ title, note: 'demonstration only: not a real identity provider', accent: '#4657b8', body });

const WAYS_OUT = [
  ['soap', 'Sign out everywhere'],
  ['form', 'by a form the server posts'],
  ['redirect', 'through this browser, by Redirect'],
  ['post', 'through this browser, by form POST'],
] as const;

const signOutButtons = (username: string): string =>
  WAYS_OUT.map(
    ([binding, label]) => `<form class="row" method="post" action="/sign-out">
<input type="hidden" name="username" value="${escapeHtml(username)}">
<button name="binding" value="${binding}"${binding === 'soap' ? '' : ' class="plain"'}>${label}</button></form>`,
  ).join('\n<br>');

const nameOf = ({ account }: IdpSession): string =>
  escapeHtml(account.attributes.get('displayName')?.[0] ?? account.username);

const signedIn = (sessions: readonly IdpSession[]): string =>
  sessions.length === 0
    ? ''
    : `<h2>Signed in</h2><div class="card"><table><tr><th>who</th><th>since</th><th>applications behind</th></tr>
${sessions
  .map(
    (session) =>
      `<tr><td>${nameOf(session)}</td><td>${new Date(session.authnInstant).toISOString().slice(11, 19)} UTC</td>
<td>${[...session.participants.keys()].map(escapeHtml).join('<br>') || 'none yet'}</td></tr>`,
  )
  .join('')}</table></div>`;

const starts = (serviceProviders: readonly string[]): string =>
  serviceProviders
    .map((sp) => `<p class="note"><a href="/start?sp=${encodeURIComponent(sp)}">Go to ${escapeHtml(sp)}</a></p>`)
    .join('');

const isGood = ({ codes }: SignOutReport): boolean => codes.length === 1 && codes[0] === STATUS.success;

function reportRow(report: SignOutReport): string {
  const words = report.codes.map((code) => code.slice(code.lastIndexOf(':') + 1)).join(', ');
  return `<tr><td>${escapeHtml(report.sp)}</td><td>${report.binding}</td>
<td class="${isGood(report) ? 'good' : 'bad'}">${escapeHtml(words || (report.problem ?? 'nothing'))}</td><td>${report.milliseconds} ms</td></tr>`;
}

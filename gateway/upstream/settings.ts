// The settings of the way back: where an app's cookies live, how a person is signed in to it, and how it is told goodbye.

import * as z from 'zod';
import { duration } from '../kernel/unit-settings.ts';
import { TARGET, cookieName, target, text } from './common-settings.ts';
import { signIn } from './sign-in-settings.ts';
import type { GoodbyeSettings, SignOutPath } from './terms.ts';

export type { FieldSettings, GoodbyeSettings, SignedInWhen, SignOutPath } from './terms.ts';

const cookies = z
  .strictObject({
    keep: z
      .enum(['gateway', 'browser'])
      .prefault('gateway')
      .describe(
        'Where scripts find the cookies of the app. All of them end with the session, and the next person at this browser meets none. `gateway`: nowhere, but for those of `expose`. `browser`: in the browser, as if `expose` named every one; for apps whose scripts use many. Cookies that are `HttpOnly` no script can read: they stay in the gateway either way.',
      ),
    expose: z.array(cookieName('XSRF-TOKEN')).prefault([]).meta({
      title: 'list of cookie names',
      description:
        'Cookies that the scripts of the app must read or change: the browser has them, too, and what it sends goes to the app where it belongs to this session. A `*` at the end stands for any ending. At addresses for `anyone` they go neither way until somebody has signed in. See docs/cookies.md.',
    }),
  })
  .prefault({})
  .describe('The cookies that the app sets.');

const call = z
  .strictObject({
    method: z.enum(['GET', 'POST']).optional().meta({ description: 'How `path` is called. Default: `GET`.' }),
    path: target('/logout').optional().describe('The address of the app that signs out whoever calls it.'),
    page: target('/')
      .optional()
      .describe('Or a page that has a link or form for signing out. Choose one that nobody can edit.'),
    follow: text('do=logout')
      .optional()
      .describe(
        'What to follow there: text in the address or the words of a link, in the name or the words of a button, or in the name of a form. It must lead to one place only.',
      ),
  })
  .transform(({ method, path, page, follow }, context): GoodbyeSettings => {
    if (path !== undefined && page === undefined && follow === undefined) {
      return { kind: 'call', method: method ?? 'GET', path };
    }
    if (page !== undefined && follow !== undefined && path === undefined && method === undefined) {
      return { kind: 'follow', page, follow };
    }
    context.addIssue('needs either "path", with "method" where it is not GET, or "page" and "follow" together');
    return z.NEVER;
  });

const signOutPath = z
  .string()
  .meta({ title: 'path', examples: ['/logout'] })
  .transform((written, context): SignOutPath => {
    const [, method, path = '', query = ''] = /^(?:([A-Z]+) )?([^?]*)(?:\?(.*))?$/.exec(written) ?? [];
    if (TARGET.test(path) && !/[\s#]/.test(query)) return { method, path, query: [...new URLSearchParams(query)] };
    context.addIssue('is no path; write "/logout", "/doku.php?do=logout" or "POST /logout"');
    return z.NEVER;
  });

const returnTo = z
  .string()
  .meta({ title: 'URL', examples: ['https://portal.example.com/'] })
  .refine((address) => /^https?:\/\/[^/?#@\\\s]+(?:[/?#]\S*)?$/i.test(address) && URL.canParse(address), {
    error: 'is no address; write a whole one, such as "https://portal.example.com/"',
  });

const signOut = z
  .strictObject({
    paths: z.array(signOutPath).prefault([]).meta({
      title: 'list of paths',
      description:
        'The own sign-out addresses of the app: whoever goes there is signed out everywhere. `/doku.php?do=logout` asks for `do=logout` anywhere in the query; `POST /logout` is that method only, otherwise GET and POST are meant.',
    }),
    call: call.optional().meta({
      description:
        'How the app is told, with the cookies it set: its goodbye. Without it only the cookies are forgotten.',
      examples: [{ path: '/logout' }],
    }),
    deadline: duration('3s', { most: '60s' })
      .prefault('3s')
      .describe('How long the goodbye may take; the identity provider waits for the answer meanwhile.'),
    required: z
      .boolean()
      .prefault(false)
      .describe('`true`: a goodbye that fails makes the answer to the identity provider `PartialLogout`.'),
    returnTo: returnTo
      .optional()
      .describe('Where the signed-out page offers to go on. Without it the page offers to sign in again.'),
  })
  .superRefine(({ call: told, required }, context) => {
    if (!required || told !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['required'],
      message: 'asks for a goodbye that nothing describes; write "call"',
    });
  })
  .transform(({ deadline: deadlineMs, ...rest }) => ({ ...rest, deadlineMs }));

/** The keys of an app's file that this room reads. */
export const appUpstreamSettings = {
  cookies,
  signIn: signIn.optional().describe('Signs the person in to the app itself, where it has accounts of its own.'),
  signOut: signOut.prefault({}).describe('What happens when the person leaves.'),
};

/** The credentials file: names and passwords for each NameID. */
export const credentialsSchema = z
  .record(z.string(), z.record(z.string(), z.string()))
  .transform(
    (people) => new Map(Object.entries(people).map(([nameId, own]) => [nameId, new Map(Object.entries(own))])),
  );

export type { FormSignInSettings } from './sign-in-settings.ts';
/** `signOut` of an app, judged. */
export type SignOutSettings = z.output<typeof signOut>;

// The settings of signing a person in to an app that has accounts of its own.

import * as z from 'zod';
import { asksCredentials, templateFault } from '../kernel/template.ts';
import { cookieName, target, text } from './common-settings.ts';
import type { ExpiredWhen, FieldSettings, SignedInWhen } from './terms.ts';

/** `signIn.form` of an app, judged. */
export type FormSignInSettings = z.output<typeof form>;

const status = (description: string) =>
  z.int().min(100, 'is no status').max(599, 'is no status').optional().meta({ title: 'status', description });

const fields = z
  .record(z.string().min(1), z.string().meta({ title: 'template', examples: ['${nameId}'] }))
  .superRefine((wanted, context) => {
    const refuse = (message: string, ...path: string[]): void => {
      // Without `continue: false` the checks around this one would be given what was written, not what is made of it.
      context.addIssue({ code: 'custom', path, message, continue: false });
    };
    if (Object.keys(wanted).length === 0) refuse('names no field; write what the form calls them');
    for (const [name, template] of Object.entries(wanted)) {
      const fault = templateFault(template, 'with credentials');
      if (fault !== undefined) refuse(`the template ${fault}`, name);
    }
  })
  .transform((wanted): FieldSettings[] => Object.entries(wanted).map(([name, template]) => ({ name, template })));

const signedInWhen = z
  .strictObject({
    cookie: cookieName('WIKISESSION').optional().describe('The answer to the form sets this cookie, or sets it anew.'),
    status: status('The last answer, after redirects, has this status.'),
    text: text('Sign out').optional().describe('The last page, after redirects, contains this text in its source.'),
  })
  .transform((when, context): SignedInWhen => {
    const { cookie, status: code, text: words } = when;
    if (Object.keys(when).length === 1) {
      if (cookie !== undefined) return { kind: 'cookie', cookie };
      if (code !== undefined) return { kind: 'status', status: code };
      if (words !== undefined) return { kind: 'text', text: words };
    }
    context.addIssue('needs one of "cookie", "status" or "text"');
    return z.NEVER;
  });

const expiredWhen = z
  .strictObject({
    status: z
      .array(z.int().min(400, 'is no status of an error').max(599, 'is no status').meta({ title: 'status' }))
      .prefault([])
      .meta({
        title: 'list of statuses',
        description:
          'It answers with one of these. Leave out 403 where it means that the person may not do this, or they are signed in again for it, once a minute.',
      }),
    redirect: z
      .string()
      .meta({ title: 'path', examples: ['/login*'] })
      .regex(/^\/(?!\/)[^\s#\\*]{0,2047}\*?$/, {
        error: 'is no path; write it from the root of the host, such as "/login"; a "*" may stand at its end only',
      })
      .optional()
      .describe(
        'It redirects to this path of its own. A `*` at the end stands for any ending; the query counts where a `?` is written.',
      ),
  })
  .transform(({ status: statuses, redirect }, context): ExpiredWhen => {
    if (statuses.length > 0 || redirect !== undefined) return { statuses, redirect };
    context.addIssue('needs "status", "redirect" or both');
    return z.NEVER;
  });

const form = z.strictObject({
  page: target('/login').describe('The page that has the form.'),
  fields: fields.meta({
    title: 'field names with templates',
    description:
      'What is filled in: `${nameId}`, `${idp}`, `${attributes.NAME}` (with exactly one value) and `${credentials.NAME}` in any text. Hidden fields of the page go with them.',
    examples: [{ user: '${nameId}', password: '${credentials.password}' }],
  }),
  form: text('login')
    .optional()
    .describe('Text in the form, its names or its buttons, where the page has several forms with these fields.'),
  signedInWhen: signedInWhen.meta({
    description: 'How it is seen that the app has signed the person in. One of the three.',
    examples: [{ cookie: 'WIKISESSION' }],
  }),
  expiredWhen: expiredWhen.optional().meta({
    description:
      'How it is seen that the app has ended its own session although its cookie is still there: by the head of its answer, for bodies are not read. The person is then signed in again, at most once a minute, and a GET or HEAD is sent once more; of any other request the answer passes, and the next one finds the app signed in.',
    examples: [{ status: [401], redirect: '/login*' }],
  }),
});

/** `signIn` of an app. */
export const signIn = z
  .strictObject({
    credentials: z
      .string()
      .min(1, 'names no file')
      .meta({ title: 'file', examples: ['secrets/wiki.yaml'] })
      .optional()
      .describe(
        'YAML or JSON with names and passwords for each NameID, such as `alice@example.com: { user: alice, password: … }`, for `${credentials.user}`. Where the app has several `identityProviders`, with the name of one before it: `corp/alice@example.com`.',
      ),
    form: form.optional().describe('The sign-in form of the app, which the gateway fills in.'),
  })
  .superRefine(({ credentials, form: filled }, context) => {
    const wanting = filled?.fields.find(({ template }) => asksCredentials(template));
    if (credentials !== undefined || wanting === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['form', 'fields', wanting.name],
      message: 'the template asks for credentials; write where they are, as "credentials: secrets/wiki.yaml"',
    });
  });

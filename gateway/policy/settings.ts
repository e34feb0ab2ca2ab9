// The settings of an app that decide which requests are its own and who may make them.

import { METHODS } from 'node:http';
import * as z from 'zod';
import { duration } from '../kernel/unit-settings.ts';
import { pathFault, patternFault } from './glob.ts';

/** A host as an app claims it. `name` is lower case, IPv6 in brackets. */
export interface AppHost {
  readonly name: string;
  /** Where browsers reach it, if not at the usual port. Requests are matched without it, as cookies are. */
  readonly port: number | undefined;
}

/** Whom a rule lets in. */
export type Allow =
  | { readonly kind: 'anyone' | 'authenticated' | 'nobody' }
  /** Every name must be there, with at least one of its values. */
  | { readonly kind: 'attributes'; readonly required: readonly (readonly [name: string, values: readonly string[]])[] }
  | { readonly kind: 'nameIds'; readonly values: readonly string[] };

/** Reads `wiki.example.com` or `localhost:8080`; undefined where it is no host name. */
export function parseHost(text: string): AppHost | undefined {
  const match = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(text);
  const url = match === null ? null : URL.parse(`http://${text}`);
  if (match === null || url === null) return undefined;
  const name = url.hostname.replace(/\.$/, '');
  return name === '' ? undefined : { name, port: match[2] === undefined ? undefined : Number(match[2]) };
}

const name = (example: string) =>
  z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, {
      error: `is no name; use lower-case letters, digits and hyphens, such as "${example}"`,
    })
    .meta({ title: 'name', examples: [example] });

const host = z
  .string()
  .meta({ title: 'host name', examples: ['wiki.example.com'] })
  .transform((text, context) => {
    const host = parseHost(text);
    if (host !== undefined) return host;
    context.addIssue(
      'is no host name; write it without scheme and path, such as "wiki.example.com" (international names as xn--…)',
    );
    return z.NEVER;
  });

const judged = (title: string, example: string, fault: (text: string) => string | undefined) =>
  z
    .string()
    .meta({ title, examples: [example] })
    .superRefine((text, context) => {
      const message = fault(text);
      if (message !== undefined) context.addIssue(message);
    });

const path = judged(
  'path',
  '/',
  (text) => pathFault(text) ?? (text.includes('*') ? 'has a "*"; a prefix is literal' : undefined),
);

const method = judged('method', 'GET', (text) =>
  METHODS.includes(text)
    ? undefined
    : `is no method${METHODS.includes(text.toUpperCase()) ? `; write "${text.toUpperCase()}"` : ''}`,
);

const values = z
  .array(z.string().min(1, 'is empty').meta({ title: 'text' }))
  .min(1, 'is empty, so nobody could match it');

const allowSchema = z
  .union([
    z.enum(['anyone', 'authenticated', 'nobody']),
    z
      .strictObject({
        attributes: z
          .record(z.string().min(1), values)
          .refine((wanted) => Object.keys(wanted).length > 0, 'names no attribute, so everybody would match it')
          .optional()
          .meta({
            title: 'attribute names with lists of values',
            description: 'Each attribute must be there, with at least one of its values.',
          }),
        nameIds: values
          .optional()
          .meta({ title: 'list of NameIDs', description: 'The NameID must be one of these, letter by letter.' }),
      })
      .refine((wanted) => Object.keys(wanted).length === 1, 'needs either "attributes" or "nameIds"'),
  ])
  .meta({
    title: 'anyone | authenticated | nobody | { attributes: { NAME: [VALUE] } } | { nameIds: [VALUE] }',
    examples: ['authenticated'],
    description:
      'Whom the rule lets in: `anyone` needs no sign-in, `authenticated` everybody who has signed in, `nobody` no one. Of `attributes` every name must be there with at least one of its values.',
  });

const rule = z
  .strictObject({
    paths: z
      .array(judged('path pattern', '/admin/**', patternFault))
      .min(1, 'is empty, so the rule would never match')
      .optional()
      .meta({
        title: 'list of path patterns',
        description:
          'Which paths the rule is about, counted from the root of the host: `*` is one segment, `**` any number, so that `/admin/**` is `/admin` and everything below. Default: all.',
      }),
    methods: z.array(method).min(1, 'is empty, so the rule would never match').optional().meta({
      title: 'list of methods',
      description:
        'Which methods the rule is about; `GET` includes `HEAD`. A method that a header (`X-HTTP-Method-Override`) or the query (`_method`) names is judged as well, and the strictest outcome wins. Default: all.',
    }),
    authnContext: z
      .array(
        z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i, { error: 'is no URI; write "https://refeds.org/profile/mfa"' }),
      )
      .min(1, 'is empty, so nobody could fulfil it')
      .max(8, 'names more than 8')
      .optional()
      .meta({
        title: 'list of URIs',
        examples: [['https://refeds.org/profile/mfa']],
        description:
          'How people must have signed in (AuthnContextClassRef): one of these. Who has signed in otherwise is sent to the identity provider again, which is asked for it.',
      }),
    forceAuthnAfter: duration('15m', {
      least: '5m',
      why: 'clocks of identity providers differ, and the person would be asked without end',
    })
      .describe(
        'How long ago people may have signed in at their identity provider (AuthnInstant): who did so longer ago has to do it anew, which it is asked for with ForceAuthn. At least `5m`. Default: as long as the session lives.',
      )
      .optional(),
    allow: allowSchema,
  })
  .superRefine(({ allow, ...rule }, context) => {
    if (allow !== 'anyone' && allow !== 'nobody') return;
    for (const key of ['authnContext', 'forceAuthnAfter'] as const) {
      if (rule[key] === undefined) continue;
      const message = 'has no meaning where nobody signs in; leave it out, or write "allow: authenticated"';
      context.addIssue({ code: 'custom', path: [key], message });
    }
  })
  .transform(({ paths, methods, authnContext, forceAuthnAfter, allow }) => ({
    ...{ paths, methods, authnContext },
    forceAuthnAfterMs: forceAuthnAfter,
    allow: readAllow(allow),
  }));

/** Rules, judged in their order. */
export const accessSettings = z
  .array(rule)
  .min(1, 'has no rule, so nobody would be let in; write "- { allow: authenticated }"')
  .superRefine((rules, context) => {
    const last = rules.findIndex((rule) => rule.paths === undefined && rule.methods === undefined);
    if (last < 0 || last === rules.length - 1) return;
    context.addIssue({
      code: 'custom',
      path: [last + 1],
      message: `is never reached: access[${last}] matches everything; move that rule to the end`,
    });
  })
  .meta({
    description: 'Who may do what. The first rule that matches decides; where none matches, the answer is no.',
  });

/** Identity providers by name, at least one. */
export const identityProviderNames = z
  .array(name('corp'))
  .min(1, 'names none; leave it out where there is one')
  .refine((names) => new Set(names).size === names.length, 'names one twice');

/** The keys of an app's file that this room reads. */
export const appPolicySettings = {
  app: name('wiki').describe('What the app is called in logs, and on pages where it has no `title`.'),
  hosts: z.array(host).min(1, 'names no host; write "hosts: [wiki.example.com]"').meta({
    title: 'list of host names',
    description: 'Under which names browsers reach it, without scheme; with a port where that is not the usual one.',
  }),
  path: path
    .transform((text) => (text === '/' ? text : text.replace(/\/$/, '')))
    .prefault('/')
    .describe(
      'Under which path, where several apps share a host. The longest matching path wins. It is not taken off on the way to the app.',
    ),
  identityProvider: name('corp')
    .optional()
    .describe('Whose people may use it: a `name` from `identityProviders`. Default: the only one.'),
  identityProviders: identityProviderNames.optional().meta({
    title: 'list of names',
    description:
      'Where people of several identity providers may use it, in the place of `identityProvider`: whoever comes is asked where they sign in, in this order. Each may say any NameID: tell the app `${idp}` as well, or one of them can speak for the people of another.',
  }),
  access: accessSettings,
};

function readAllow(allow: z.output<typeof allowSchema>): Allow {
  if (typeof allow === 'string') return { kind: allow };
  if (allow.nameIds !== undefined) return { kind: 'nameIds', values: allow.nameIds };
  return { kind: 'attributes', required: Object.entries(allow.attributes ?? {}) };
}

/** What this room has to know of an app. */
export interface AppPolicy {
  readonly app: string;
  readonly hosts: readonly AppHost[];
  /** Without a slash at the end, except for `/`. */
  readonly path: string;
  /** Whose people may use it, in the order in which they are offered; at least one. */
  readonly identityProviders: readonly string[];
  readonly access: readonly {
    readonly paths?: readonly string[] | undefined;
    readonly methods?: readonly string[] | undefined;
    /** Contexts of authentication of which the person's must be one. */
    readonly authnContext?: readonly string[] | undefined;
    /** How long ago the person may have signed in. */
    readonly forceAuthnAfterMs?: number | undefined;
    readonly allow: Allow;
  }[];
}

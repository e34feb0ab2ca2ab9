// Cases for `curfew policies test`: this person, this request, this decision. Read and judged like every other policy file.

import { join } from 'node:path';
import * as z from 'zod';
import { duration } from '../kernel/unit-settings.ts';
import { judge } from './explain.ts';
import type { Fault } from './faults.ts';
import { readPolicies, readText } from './read.ts';
import { parsePolicy, type Outside } from './yaml.ts';

const person = z
  .strictObject({
    nameId: z
      .string()
      .min(1, 'is empty')
      .meta({ title: 'NameID', examples: ['ada@example.com'] }),
    idp: z
      .string()
      .meta({ title: 'name', examples: ['corp'] })
      .describe('Where the person has signed in; by default at the identity provider of the app that is asked for.')
      .optional(),
    attributes: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .default({})
      .describe('As the identity provider sends them.'),
    signedInAgo: duration('20m', { least: '0s' })
      .describe('How long ago, by the word of the identity provider; for `forceAuthnAfter`. Default: just now.')
      .prefault('0s'),
    authnContext: z
      .string()
      .meta({ title: 'URI', examples: ['https://refeds.org/profile/mfa'] })
      .describe(
        'How the person signed in, as the identity provider says; for `authnContext`. Default: it does not say.',
      )
      .optional(),
  })
  .describe('Who asks. Left out: somebody who has not signed in.');

const request = z
  .string()
  .meta({ title: 'method and address', examples: ['GET https://wiki.example.com/page'] })
  .transform((text, context) => {
    const [, method = 'GET', address = ''] = /^(?:([A-Z]+) )?(\S+)$/.exec(text) ?? [];
    const [, host, target] = /^https?:\/\/([^/?#]+)(\/[^#]*)?$/i.exec(address) ?? [];
    if (host !== undefined) return { method, host, target: target ?? '/' };
    context.addIssue('is no method with an address; write "GET https://wiki.example.com/page"');
    return z.NEVER;
  });

const caseSchema = z.strictObject({
  case: z
    .string()
    .min(1, 'is empty')
    .meta({ title: 'sentence', examples: ['staff read the wiki'] }),
  request: request.describe('What is asked for. The path is taken as it stands, so that odd spellings can be tried.'),
  person: person.optional(),
  expect: z
    .enum(['pass', 'sign-in', 'refused', 'ACCESS_DENIED', 'NO_RULE', 'HOST_UNKNOWN', 'PATH_AMBIGUOUS'])
    .describe('What becomes of it: `refused` for any reason, or the reason itself.'),
  app: z
    .string()
    .meta({ title: 'name', examples: ['wiki'] })
    .describe('The app it reaches.')
    .optional(),
  headers: z
    .record(z.string(), z.string().nullable())
    .meta({ title: 'headers', examples: [{ 'Remote-User': 'ada@example.com' }] })
    .describe('Identity headers the app gets; `null` for one that it must not get.')
    .optional(),
});

/** The whole of a file. */
export const casesSchema = z.array(caseSchema);

/** One case, and where it stands. */
export type PolicyCase = z.output<typeof caseSchema> & { readonly at: string };

/**
 * The cases in these files; where none is named, in every `*.yaml` of `tests` in the policies folder. Every fault of every file is found
 * in one run.
 */
export function loadCases(
  policies: string,
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly cases: readonly PolicyCase[]; readonly faults: readonly Fault[] } {
  const outside: Outside = { env: (name) => env[name], file: readText };
  const read = names.length > 0 ? namedFiles(names) : readPolicies(join(policies, 'tests'));
  const files = read.sources.map((source) => parsePolicy(source, outside));
  const judged = files.map((file) => ({ file, result: judge(file, casesSchema) }));
  return {
    cases: judged.flatMap(({ file, result }) =>
      'value' in result
        ? result.value.map((one, index) => ({ ...one, at: `${file.file}:${file.lineOf([index])}` }))
        : [],
    ),
    faults: [
      ...read.unread.map(({ file, reason }) => ({ file, line: undefined, key: '', message: reason })),
      ...judged.flatMap(({ result }) => ('faults' in result ? result.faults : [])),
    ],
  };
}

function namedFiles(names: readonly string[]): ReturnType<typeof readPolicies> {
  const read = names.map((file) => ({ file, text: readText(file) }));
  return {
    sources: read.flatMap(({ file, text }) => (typeof text === 'string' ? [{ file, text }] : [])),
    unread: read.flatMap(({ file, text }) => (typeof text === 'string' ? [] : [{ file, reason: text.reason }])),
  };
}

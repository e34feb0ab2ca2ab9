// The settings of asking an identity provider: how for a sign-in, and how often whether somebody is still there.

import * as z from 'zod';
import { durationMs } from '../kernel/units.ts';

const uri = (example: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, { error: `is no URI; write "${example}"` })
    .meta({ title: 'URI', examples: [example] });

/** Contexts of authentication, as rules and identity providers name them. */
export const authnContexts = z
  .array(uri('https://refeds.org/profile/mfa'))
  .min(1, 'names none; leave it out where any will do')
  .max(8, 'names more than 8');

/** `signOn` of an identity provider. */
export const signOn = z
  .strictObject({
    binding: z
      .enum(['auto', 'redirect', 'post'])
      .default('auto')
      .describe('How AuthnRequests travel. `auto` takes Redirect where its metadata offers it.'),
    responseBinding: z
      .enum(['post', 'artifact'])
      .default('post')
      .describe(
        'How answers come. `artifact`: the browser brings a reference (HTTP-Artifact), and the message is fetched from the ArtifactResolutionService of its metadata, so that no browser sees it; its logout messages may come that way too. From others artifacts are refused.',
      ),
    forceAuthn: z
      .boolean()
      .default(false)
      .describe(
        'Have people sign in anew whenever a session begins here, also where they are signed in there already. An answer with an earlier sign-in is refused. For some apps or pages only: `forceAuthnAfter` of their rules.',
      ),
    authnContext: authnContexts.optional().meta({
      title: 'list of URIs',
      description:
        'Which kinds of sign-in are asked for (AuthnContextClassRef); an answer that carries none of them is refused. For some apps or pages only: `authnContext` of their rules, which takes the place of this.',
    }),
    comparison: z
      .enum(['exact', 'minimum', 'better', 'maximum'])
      .default('exact')
      .describe(
        'How `authnContext` is meant: `minimum` one of them or a stronger one, `better` one stronger than all, `maximum` none stronger than the strongest. All but `exact` need `order`. Identity providers know few besides `exact`.',
      ),
    order: authnContexts.optional().meta({
      title: 'list of URIs',
      description:
        'The kinds of sign-in from the weakest to the strongest, all of `authnContext` among them: by it the answer is judged where `comparison` is not `exact`. One that is not in it is refused.',
    }),
    nameIdFormat: uri('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent')
      .describe('Which Format of NameID is asked for. Default: what the identity provider has set.')
      .optional(),
    allowCreate: z.boolean().default(true).describe('Whether it may make a name that the person has not had here yet.'),
  })
  .superRefine(({ authnContext = [], comparison, order = [] }, context) => {
    const fault = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
    if (comparison === 'exact') {
      if (order.length > 0) fault('order', 'means nothing where comparison is exact; leave it out');
      return;
    }
    const unknown = authnContext.find((one) => !order.includes(one));
    const strongest = order.at(-1);
    if (authnContext.length === 0) fault('comparison', 'compares with nothing; write authnContext beside it');
    else if (order.length === 0)
      fault('comparison', 'cannot be judged by us; write order, the contexts from the weakest to the strongest');
    else if (unknown !== undefined)
      fault('order', `lacks ${JSON.stringify(unknown)} of authnContext; put it in its place`);
    else if (comparison === 'better' && strongest !== undefined && authnContext.includes(strongest))
      fault('order', `has nothing stronger than ${JSON.stringify(strongest)}, so nobody could sign in; write what is`);
  })
  .prefault({})
  .transform(({ forceAuthn, authnContext, nameIdFormat, order, ...rest }) => ({
    ...rest,
    order: order ?? [],
    force: forceAuthn,
    contexts: authnContext ?? [],
    nameIdFormat,
  }));

const attributeName = z.string().min(1, 'is empty').max(256, 'is longer than 256 characters');

/** `attributes` of an identity provider: our names, and its own. */
export const attributeNames = z
  .record(
    attributeName,
    attributeName.meta({ title: 'Name or FriendlyName', examples: ['urn:oid:1.3.6.1.4.1.5923.1.5.1.1'] }),
  )
  .transform((names) => new Map(Object.entries(names)));

const REFERENCE = /^\$\{attributes\.([^}]+)\}$/;

/** `nameId` of an identity provider: the attribute that people are known by. */
export const nameIdFrom = z
  .string()
  .meta({ title: 'attribute', examples: ['${attributes.uid}'] })
  .transform((text, context) => {
    const name = REFERENCE.exec(text)?.[1];
    if (name !== undefined) return name;
    context.addIssue('names no attribute; write "${attributes.uid}", or leave it out');
    return z.NEVER;
  });

const LEAST_MS = 60_000;

/** `revalidate` of an identity provider; undefined: never. */
export const revalidate = z
  .string()
  .meta({ title: 'duration, or off', examples: ['10m'] })
  .transform((text, context) => {
    if (text === 'off') return undefined;
    const ms = durationMs(text);
    if (ms !== undefined && ms >= LEAST_MS) return ms;
    context.addIssue(
      ms === undefined
        ? 'is no duration, and not "off"'
        : 'is too short: people would be sent back and forth; write at least "1m"',
    );
    return z.NEVER;
  });

// The settings of the way to an application: where it is, what it is told about the person, how long it may take.

import * as z from 'zod';
import { templateFault } from '../kernel/template.ts';
import { duration, LONGEST_TIMER } from '../kernel/unit-settings.ts';
import { sizeBytes } from '../kernel/units.ts';
import { canonicalName } from './header-rules.ts';
import { DEFAULT_CONNECTIONS } from './pool.ts';
import { headerFault, namedTwice, type IdentityHeader } from './identity-faults.ts';
import { OWN_CLAIMS, type JwtSettings } from './jwt.ts';
import { tlsSettings } from '../kernel/tls-settings.ts';

export { signingKeyFault } from './identity-faults.ts';

const size = z
  .string()
  .meta({ title: 'size', examples: ['10MiB'] })
  .transform((text, context) => {
    const bytes = sizeBytes(text);
    if (bytes !== undefined && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
    context.addIssue(bytes === undefined ? 'is no size' : 'is out of bounds: at least 1B');
    return z.NEVER;
  });

/** Half of what one client address may have kept: two of the largest must fit. */
const LARGEST_KEPT_FORM = 4 * 1024 ** 2;

const keptForm = z
  .string()
  .meta({ title: 'size, or `off`', examples: ['256KiB', 'off'] })
  .transform((text, context) => {
    if (text === 'off') return 0;
    const bytes = sizeBytes(text);
    if (bytes !== undefined && bytes > 0 && bytes <= LARGEST_KEPT_FORM) return bytes;
    context.addIssue(bytes === undefined ? 'is no size' : 'is out of bounds: at least 1B, at most 4MiB');
    return z.NEVER;
  });

const upstream = z
  .string()
  .meta({ title: 'origin', examples: ['http://10.0.4.12:80'] })
  .transform((text, context) => {
    const url = URL.parse(text);
    if (url !== null && /^https?:\/\/[^/?#@\\]+\/?$/i.test(text)) return url.origin;
    context.addIssue('is no origin; write scheme, host and port only, such as "http://10.0.4.12:80"');
    return z.NEVER;
  });

const headers = z
  .record(z.string(), z.string().meta({ title: 'template', examples: ['${nameId}'] }))
  .superRefine((wanted, context) => {
    const names = new Map<string, string>();
    for (const [name, template] of Object.entries(wanted)) {
      // What an application cannot tell apart, the policy may not either.
      const spelling = canonicalName(name);
      const fault =
        headerFault(name, spelling, template) ??
        (names.has(spelling)
          ? `the name reads the same as "${names.get(spelling) ?? ''}" to an application; choose another`
          : undefined);
      names.set(spelling, name);
      // Without `continue: false` the checks around this one would be given what was written, not what is made of it.
      if (fault !== undefined) context.addIssue({ code: 'custom', path: [name], message: fault, continue: false });
    }
  })
  .transform((wanted): IdentityHeader[] => Object.entries(wanted).map(([name, template]) => ({ name, template })));

/** `isSecret`: a fault repeats nothing of it. */
const template = (example: string, { mayAsk, isSecret = false }: { mayAsk?: 'with credentials'; isSecret?: boolean }) =>
  z
    .string()
    .meta({ title: isSecret ? 'secret template' : 'template', examples: [example] })
    .superRefine((text, context) => {
      const fault = templateFault(text, mayAsk);
      if (fault === undefined) return;
      context.addIssue(
        isSecret
          ? 'has a "${…}" that names nothing known about a person; known are ${nameId}, ${idp}, ${attributes.NAME} and ${credentials.NAME}'
          : fault,
      );
    });

const basic = z.strictObject({
  username: template('${nameId}', { mayAsk: 'with credentials' }).describe(
    'The name of the person at an app that knows only HTTP Basic (RFC 7617): `${nameId}`, `${idp}`, `${attributes.NAME}` (with exactly one value) and `${credentials.NAME}` (of `signIn.credentials`) in any text. What browsers send as `Authorization` is removed, and no `WWW-Authenticate` reaches them. Where something is not known of a person, nothing is sent.',
  ),
  password: template('${credentials.password}', { mayAsk: 'with credentials', isSecret: true }).describe(
    'The password; a common one as `${env:NAME}` or `${file:PATH}`.',
  ),
});

const jwt = z
  .strictObject({
    header: z
      .string()
      .meta({ title: 'header name', examples: ['X-Curfew-Assertion'] })
      .superRefine((name, context) => {
        const fault = headerFault(name, canonicalName(name), '');
        if (fault !== undefined) context.addIssue(fault);
      })
      .describe(
        'The header that tells the app by a signed JWT (RFC 7519, ES256), checked with the keys at `/.curfew/jwks.json` on the host of the app. In `Authorization` it follows `Bearer`. Needs `jwt.keys` in gateway.yaml.',
      ),
    claims: z
      .record(
        z.string().min(1),
        z.union([template('${attributes.mail}', {}), z.array(template('${attributes.groups}', {}))]),
      )
      .superRefine((wanted, context) => {
        for (const name of Object.keys(wanted)) {
          if (OWN_CLAIMS.has(name)) {
            const message = 'the claim is one the gateway makes itself (RFC 7519 §4.1); choose another';
            context.addIssue({ code: 'custom', path: [name], message, continue: false });
          }
        }
      })
      .prefault({})
      .meta({
        title: 'claim names with templates',
        description:
          'What it says beside `iss`, `aud` (the name of the app), `sub` (the NameID), `iat`, `nbf`, `exp` and `sid`. A text is a text and needs exactly one value; a list is a list of all values, even of one: `groups: ["${attributes.groups}"]`.',
        examples: [{ email: '${attributes.mail}', groups: ['${attributes.groups}'] }],
      }),
    lifetime: duration('5m', { least: '1m', most: '1h', why: 'an app believes it for that long' })
      .prefault('5m')
      .describe(
        'How long it holds, at most `1h`; a new one is made after half of that. It outlives no session that ends by time; one that was made before a sign-out holds until then wherever the app has passed it on.',
      ),
  })
  .transform(({ header, claims, lifetime }): JwtSettings => ({ header, claims, lifetimeMs: lifetime }));

/** `jwt` in gateway.yaml. */
export const jwtSettings = z.strictObject({
  keys: z
    .array(
      z
        .string()
        .min(1, 'names no file')
        .meta({ title: 'file', examples: ['../certs/jwt.key'] }),
    )
    .prefault([])
    .describe(
      'Private keys that sign what apps are told in `identity.jwt`: PEM, EC P-256; `curfew keys` makes one. The first signs, all are published at `/.curfew/jwks.json`: put a new one last on every node, wait until every app has fetched it (5m and what it remembers by itself), move it to the front, remove the old one an hour later.',
    ),
});

/** The keys of an app's file that this room reads. */
export const appProxySettings = {
  upstream: upstream.describe(
    'Where the app really is: scheme, host and port. Only the gateway should be able to reach it.',
  ),
  upstreamTls: tlsSettings('the app', '`upstream`', 'wiki')
    .describe(
      'How TLS is spoken with an app whose `upstream` is https; its certificate is verified always. Read at start.',
    )
    .optional(),
  identity: z
    .strictObject({
      headers: headers.prefault({}).meta({
        title: 'header names with templates',
        description:
          'What the app is told about the person: `${nameId}`, `${idp}` (the name of the identity provider) and `${attributes.NAME}` in any text. What clients send under these names, in any spelling, is removed.',
      }),
      basic: basic.optional().meta({
        description: 'Signs the person in to the app by HTTP Basic (RFC 7617).',
        examples: [{ username: '${nameId}', password: '${credentials.password}' }],
      }),
      jwt: jwt.optional().meta({
        description: 'Tells the app in signed words who the person is (RFC 7519).',
        examples: [{ header: 'X-Curfew-Assertion' }],
      }),
    })
    .superRefine((identity, context) => {
      const fault = namedTwice(identity);
      if (fault !== undefined) context.addIssue({ code: 'custom', ...fault });
    })
    .prefault({})
    .describe('Who the person is, in the words the app understands.'),
  caching: z
    .strictObject({
      pages: z
        .enum(['none', 'app'])
        .prefault('none')
        .describe(
          'Whether browsers may keep the pages that signed-in people are shown. `none`: no (`Cache-Control: no-store`), so that after a sign-out Back shows nothing of them. `app`: as the app says; Back then keeps what was typed into a form and shows the answer to a sent one without asking, but it may show pages after a sign-out as well.',
        ),
    })
    .transform(({ pages }) => ({ keepsPages: pages === 'app' }))
    .prefault({})
    .describe(
      'What is kept of answers to signed-in people. Pictures, scripts and styles stay in the browser as the app says, in shared caches only where it says `public` or `s-maxage`.',
    ),
  timeouts: z
    .strictObject({
      connect: duration('5s', { most: LONGEST_TIMER }).prefault('5s').describe('Until the app accepts a connection.'),
      response: duration('60s', { most: LONGEST_TIMER })
        .prefault('60s')
        .describe('Until the headers of its answer are there.'),
      idle: duration('5m', { least: '0s', most: LONGEST_TIMER })
        .prefault('5m')
        .describe('Between two pieces of its answer; `0s` is never, for event streams that keep silent.'),
      client: duration('1m', { least: '0s', most: LONGEST_TIMER })
        .prefault('1m')
        .describe(
          'While a browser sends nothing of its body, or less than 500 bytes a second on the average of this time, or takes nothing of an answer that waits for it: a connection to the app is held for it meanwhile. `0s` is never, for apps whose bodies are streams that keep silent.',
        ),
    })
    .transform(({ connect, response, idle, client }) => ({
      ...{ connectMs: connect, responseMs: response, idleMs: idle, clientMs: client },
    }))
    .prefault({})
    .describe('How long the app may take, and the browser.'),
  limits: z
    .strictObject({
      body: size.optional().describe('The largest request body that is passed on. Default: no limit.'),
      keptForm: keptForm
        .prefault('256KiB')
        .describe(
          'The largest form that is kept when it meets no session, and sent on once its person has signed in; at most 4MiB. Forms wait for 15 minutes, sealed in the store; 8MiB of them from one client address and 64MiB in all. `off` keeps none.',
        ),
      connections: z
        .int()
        .min(1, 'is too few: at least 1')
        .max(65_535, 'is too many: at most 65535, the ports of one address')
        .prefault(DEFAULT_CONNECTIONS)
        .describe(
          'Connections to the app at most, WebSockets not counted; an event stream or a long download holds one. As many requests again wait for one; whoever comes then is answered 503 at once, so that one slow app takes nothing from the others.',
        ),
    })
    .transform(({ body, keptForm, connections }) => ({
      /** 0 is no limit. */
      bodyBytes: body ?? 0,
      /** 0 keeps none. */
      keptFormBytes: keptForm,
      connections,
    }))
    .prefault({})
    .describe('How much may be sent to the app.'),
};

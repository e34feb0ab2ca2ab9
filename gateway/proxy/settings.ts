// The settings of the way to an application: where it is, what it is told about the person, how long it may take.

import * as z from 'zod';
import { durationMs, sizeBytes } from '../kernel/units.ts';
import { canonicalName } from './header-rules.ts';

/** setTimeout fires at once for more than 2³¹−1 ms, some 24.8 days. */
const LONGEST_MS = 24 * 86_400_000;

/** An identity header as the policy names it. */
export interface IdentityHeader {
  readonly name: string;
  /** Text with `${nameId}` and `${attributes.NAME}` in it. */
  readonly template: string;
}

const duration = (example: string, leastMs: number) =>
  z
    .string()
    .meta({ title: 'duration', examples: [example] })
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== undefined && ms >= leastMs && ms <= LONGEST_MS) return ms;
      context.addIssue(ms === undefined ? 'is no duration' : `is out of bounds: at least ${leastMs}ms, at most 24d`);
      return z.NEVER;
    });

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

/**
 * Fields that say how the message is framed, whom it is for and by which way it came: the gateway sets or passes on these
 * itself (RFC 9110 §7.6.1). In canonical spelling.
 */
const OURS: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'te', 'trailer', 'expect', 'cookie', 'set-cookie'],
  ...['connection', 'keep-alive', 'upgrade', 'http2-settings', 'proxy-connection', 'proxy-authorization'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id', 'traceparent'],
]);

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
      if (fault !== undefined) context.addIssue({ code: 'custom', path: [name], message: fault });
    }
  })
  .transform((wanted): IdentityHeader[] => Object.entries(wanted).map(([name, template]) => ({ name, template })));

/** The keys of an app's file that this room reads. */
export const appProxySettings = {
  upstream: upstream.describe(
    'Where the app really is: scheme, host and port. Only the gateway should be able to reach it.',
  ),
  identity: z
    .strictObject({
      headers: headers.prefault({}).meta({
        title: 'header names with templates',
        description:
          'What the app is told about the person: `${nameId}`, `${idp}` (the name of the identity provider) and `${attributes.NAME}` in any text. What clients send under these names, in any spelling, is removed.',
      }),
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
      connect: duration('5s', 1).prefault('5s').describe('Until the app accepts a connection.'),
      response: duration('60s', 1).prefault('60s').describe('Until the headers of its answer are there.'),
      idle: duration('5m', 0)
        .prefault('5m')
        .describe('Between two pieces of its answer; `0s` is never, for event streams that keep silent.'),
    })
    .transform(({ connect, response, idle }) => ({ connectMs: connect, responseMs: response, idleMs: idle }))
    .prefault({})
    .describe('How long the app may take.'),
  limits: z
    .strictObject({
      body: size.optional().describe('The largest request body that is passed on. Default: no limit.'),
      keptForm: keptForm
        .prefault('256KiB')
        .describe(
          'The largest form that is kept when it meets no session, and sent on once its person has signed in; at most 4MiB. Forms wait for 15 minutes, sealed in the store; 8MiB of them from one client address and 64MiB in all. `off` keeps none.',
        ),
    })
    .transform(({ body, keptForm }) => ({
      /** 0 is no limit. */
      bodyBytes: body ?? 0,
      /** 0 keeps none. */
      keptFormBytes: keptForm,
    }))
    .prefault({})
    .describe('How much may be sent to the app.'),
};

function headerFault(name: string, spelling: string, template: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name)) return 'the name is no header name (RFC 9110 §5.1)';
  if (OURS.has(spelling)) return 'the name is one the gateway sets or forwards itself; choose another';
  if (/[^\t\x20-\x7e\u0080-\uffff]/.test(template)) return 'the template has a control character';
  return undefined;
}

// `limits` in gateway.yaml: how much strangers may ask. The defaults are far from what an office behind one address does (docs/limits.md).

import * as z from 'zod';
import { rateOf, sizeBytes } from '../kernel/units.ts';

/** A rate, or undefined for `off`. */
const rate = (example: string) =>
  z
    .string()
    .meta({ title: 'rate, or `off`', examples: [example] })
    .transform((text, context) => {
      const found = text === 'off' ? undefined : rateOf(text);
      if (text === 'off' || found !== undefined) return found;
      context.addIssue(`is no rate; write "${example}" (s, m or h), or "off"`);
      return z.NEVER;
    })
    .prefault(example);

/** In bytes; Infinity for `off`. */
const size = (example: string) =>
  z
    .string()
    .meta({ title: 'size, or `off`', examples: [example] })
    .transform((text, context) => {
      const bytes = text === 'off' ? Infinity : sizeBytes(text);
      if (bytes !== undefined && bytes >= LEAST_BYTES) return bytes;
      context.addIssue(
        bytes === undefined ? `is no size; write "${example}", or "off"` : 'is too small: at least 1MiB',
      );
      return z.NEVER;
    })
    .prefault(example);

/** A few of the largest messages must fit. */
const LEAST_BYTES = 1024 ** 2;

const NO_NUMBER = (example: number): string => `is no number from 1 to 1000000; write ${example}, or off`;

/** How many at once; Infinity for `off`. */
const number = (example: number) =>
  z
    .union([z.literal('off'), z.int().min(1).max(1_000_000)], { error: NO_NUMBER(example) })
    .meta({ title: 'number, or `off`', examples: [example] });

/** `limits`. */
export const limitSettings = z
  .strictObject({
    signIns: z
      .strictObject({
        perAddress: rate('600/m').describe(
          'Sign-ins that one address may begin: AuthnRequests, each of which costs a signature and an entry that stays in the store for an hour. All of a period may come at once. Over it: 429.',
        ),
        all: rate('6000/m').describe(
          'The same for all strangers together. Addresses from which somebody has signed in within a day have as much again to themselves.',
        ),
      })
      .prefault({})
      .describe('How many sign-ins may be begun.'),
    messages: z
      .strictObject({
        perAddress: size('16MiB').describe(
          'What the SAML messages of one address may take that are read or wait to be judged, with 4 KiB for each. They are judged one address after the other, with turns of their own for LogoutRequests and for addresses of which a good one came within a day; those have no limit of their own. Over it: 429.',
        ),
        all: size('128MiB').describe(
          'The same for all strangers together; over it, whoever takes most gives up its newest. Addresses of which good ones came have as much again to themselves, and `listen.backchannel` has no limit.',
        ),
      })
      .prefault({})
      .describe('How many SAML messages may wait to be judged.'),
    connections: z
      .strictObject({
        perAddress: number(10_000)
          .prefault(10_000)
          .describe(
            'Connections of one address at `listen.http` and `listen.https`, each for itself, and at `listen.backchannel` and `listen.admin`, but there 1000 at the most; over it they are closed at once. Those of `trustedProxies` are not counted, so neither is who stands behind them.',
          ),
        all: number(20_000)
          .prefault('off')
          .describe('Connections at each of them in all. Each takes a file descriptor, and some tens of KiB with TLS.'),
      })
      .prefault({})
      .describe('How many connections may be open.'),
    adminTokens: rate('20/m').describe(
      'Wrong tokens that one address may show at `listen.admin`. Over it: 429, for the right one as well, until the next may be shown.',
    ),
  })
  .transform(({ signIns, messages, connections, adminTokens }) => ({
    signIns,
    messages,
    connections: { perAddress: most(connections.perAddress), all: most(connections.all) },
    adminTokens,
  }));

/** `limits`, judged, with its defaults. Rates are undefined where there is none, numbers Infinity. */
export type LimitSettings = z.output<typeof limitSettings>;

const most = (number: number | 'off'): number => (number === 'off' ? Infinity : number);

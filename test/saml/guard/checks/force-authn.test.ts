import type { EpochMs } from '../../../../gateway/kernel/words.ts';
import { lawsOf } from '../../laws.ts';
import { NOW, openBench, SKEW_MS } from '../../support.ts';

const MINUTE = 60_000;
const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
/** Asked a minute ago for a sign-in anew, answered with one of this moment. */
const signedInAt = (at: number, forcedAt: number | undefined = NOW - MINUTE) =>
  bench.response({
    sent: { forcedAt: forcedAt as EpochMs },
    assertion: ({ authnStatements = [] }) => ({
      authnStatements: authnStatements.map((one) => ({ ...one, authnInstant: new Date(at).toISOString() })),
    }),
  });

accepts('a sign-in after the AuthnRequest that forced it is accepted (saml-core §3.4.1)', () => signedInAt(NOW - 1000));
accepts('one that is before it by no more than clocks may differ is accepted', () =>
  signedInAt(NOW - MINUTE - SKEW_MS),
);
refuses('SAML_FORCE_AUTHN', 'an earlier sign-in is refused where a new one was asked for (saml-core §3.4.1)', () =>
  signedInAt(NOW - MINUTE - SKEW_MS - 1000),
);
accepts('where no new sign-in was asked for one of this morning will do', () =>
  bench.response({
    assertion: ({ authnStatements = [] }) => ({
      authnStatements: authnStatements.map((one) => ({
        ...one,
        authnInstant: new Date(NOW - 4 * 3_600_000).toISOString(),
      })),
    }),
  }),
);

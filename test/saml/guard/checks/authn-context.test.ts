import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const MFA = 'https://refeds.org/profile/mfa';
const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const by = (contextClass: string | undefined, contexts: readonly string[]) =>
  bench.response({
    sent: { contexts },
    assertion: ({ authnStatements = [] }) => ({
      authnStatements: authnStatements.map((one) => ({ ...one, contextClass })),
    }),
  });

accepts('a Response that carries the context that was asked for is accepted (saml-core §3.3.2.2.1)', () =>
  by(MFA, [MFA]),
);
accepts('a Response that carries one of several contexts that were asked for is accepted', () =>
  by(MFA, ['urn:x', MFA]),
);
accepts('where no context was asked for any will do', () => by('urn:whatever', []));
for (const [what, context] of [
  ['another context', 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password'],
  ['a context that only begins alike', `${MFA}/not`],
  ['no context', undefined],
] as const) {
  refuses('SAML_AUTHN_CONTEXT', `a Response with ${what} than was asked for is refused (saml-core §3.3.2.2.1)`, () =>
    by(context, [MFA]),
  );
}

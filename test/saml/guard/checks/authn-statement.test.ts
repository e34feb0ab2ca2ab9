import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import type { AssertionFields } from '../../../../demo/identity-provider/messages.ts';
import { at } from '../../support.ts';

type Statement = NonNullable<AssertionFields['authnStatements']>[number];
const REFUSED = 'SAML_AUTHN_STATEMENT';
const but = (change: Statement) => () =>
  bench.response({
    assertion: ({ authnStatements = [] }) => ({
      authnStatements: authnStatements.map((valid) => ({ ...valid, ...change })),
    }),
  });

accepts('an Assertion with an AuthnStatement is accepted (profiles §4.1.4.2)', () => bench.response());
refuses(REFUSED, 'an Assertion without AuthnStatement is refused (profiles §4.1.4.2)', () =>
  bench.response({ assertion: { authnStatements: [] } }),
);
refuses(
  REFUSED,
  'an AuthnStatement without AuthnInstant is refused (saml-core §2.7.2)',
  but({ authnInstant: undefined }),
);
accepts(
  'an AuthnInstant of this morning is accepted: the identity provider remembers people',
  but({ authnInstant: at(-4 * 3600) }),
);
refuses(
  REFUSED,
  'an AuthnInstant in the future beyond the clock skew is refused (saml-core §2.7.2)',
  but({ authnInstant: at(181) }),
);
accepts(
  'an AuthnStatement without SessionNotOnOrAfter is accepted (saml-core §2.7.2)',
  but({ sessionNotOnOrAfter: undefined }),
);
refuses(
  REFUSED,
  'a session that is over at the identity provider begins none here (saml-core §2.7.2)',
  but({ sessionNotOnOrAfter: at(-180) }),
);
accepts('a session that is over at the identity provider in a second begins', but({ sessionNotOnOrAfter: at(1) }));
refuses(
  REFUSED,
  'one that is over now is refused, whatever the clock skew: it would send the browser to and fro without end',
  but({ sessionNotOnOrAfter: at(0) }),
);
refuses(REFUSED, 'an unreadable SessionNotOnOrAfter is refused (saml-core §1.3.3)', but({ sessionNotOnOrAfter: '' }));
refuses(REFUSED, 'of two AuthnStatements the earlier end counts (saml-core §2.7.2)', () =>
  bench.response({
    assertion: ({ authnStatements = [] }) => ({
      authnStatements: [...authnStatements, { ...authnStatements[0], sessionNotOnOrAfter: at(-600) }],
    }),
  }),
);

import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

const REFUSED = 'SAML_SESSION_INDEX';
const named =
  (...sessionIndexes: string[]) =>
  () =>
    bench.logoutRequest({ fields: { sessionIndexes } });

accepts('a LogoutRequest without SessionIndex is accepted: it means all sessions (P3, saml-core §3.7.3.1)', named());
accepts(
  'a LogoutRequest with 64 SessionIndexes is accepted',
  named(...Array.from({ length: 64 }, (_, at) => `_${at}`)),
);
refuses(
  REFUSED,
  'a LogoutRequest with 65 SessionIndexes is refused',
  named(...Array.from({ length: 65 }, (_, at) => `_${at}`)),
);
refuses(REFUSED, 'an empty SessionIndex is refused, not read as none (saml-core §3.7.3.1)', named(''));
refuses(REFUSED, 'an empty SessionIndex among others is refused (saml-core §3.7.3.1)', named('_s1', ' \n'));
refuses(REFUSED, 'a SessionIndex with an element inside is refused (saml-core §3.7.1)', () =>
  bench.logoutRequest({ before: (xml) => xml.replace('_s1</', '<x/>_s1</') }),
);

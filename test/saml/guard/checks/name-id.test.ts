import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

const REFUSED = 'SAML_NAME_ID';
const with_ = (change: (xml: string) => string) => () => bench.logoutRequest({ before: change });
const NAME = /<saml:NameID.*<\/saml:NameID>/;

accepts('a LogoutRequest with one NameID is accepted (saml-core §3.7.1)', () => bench.logoutRequest());
refuses(REFUSED, 'a LogoutRequest without NameID is refused, not read as everybody (saml-core §3.7.1)', () =>
  bench.logoutRequest({ fields: { nameId: undefined } }),
);
refuses(REFUSED, 'a NameID of white space is refused (saml-core §2.2.3)', () =>
  bench.logoutRequest({ fields: { nameId: { value: ' ' } } }),
);
refuses(
  REFUSED,
  'two NameIDs are refused (saml-core §3.7.1)',
  with_((xml) => xml.replace(NAME, (one) => one + one)),
);
refuses(
  REFUSED,
  'a NameID with an element inside is refused (saml-core §2.2.3)',
  with_((xml) => xml.replace('alice@', 'alice<b/>@')),
);
refuses(REFUSED, 'a BaseID is refused (saml-core §2.2.1)', () =>
  bench.logoutRequest({ fields: { identifier: '<saml:BaseID NameQualifier="x"/>' } }),
);
refuses(
  REFUSED,
  'a BaseID beside a NameID is refused (saml-core §3.7.1)',
  with_((xml) => xml.replace(NAME, (one) => `${one}<saml:BaseID/>`)),
);
refuses(REFUSED, 'a NameID inside the Extensions names nobody (saml-core §3.7.1)', () =>
  bench.logoutRequest({ fields: { nameId: undefined, extensions: '<saml:NameID>alice@example.test</saml:NameID>' } }),
);

import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import type { AssertionFields } from '../../../../demo/identity-provider/messages.ts';
import { at, ENTITY_ID } from '../../support.ts';

type Conditions = NonNullable<AssertionFields['conditions']>;
const but = (change: Conditions) => () =>
  bench.response({ assertion: ({ conditions }) => ({ conditions: { ...conditions, ...change } }) });
const REFUSED = 'SAML_CONDITIONS';

accepts('conditions that name us and this moment are accepted (saml-core §2.5.1)', () => bench.response());
accepts('NotBefore in the future within the clock skew is accepted', but({ notBefore: at(180) }));
refuses(
  REFUSED,
  'NotBefore in the future beyond the clock skew is refused (saml-core §2.5.1.2)',
  but({ notBefore: at(181) }),
);
accepts('NotOnOrAfter that passed within the clock skew is accepted', but({ notOnOrAfter: at(-179) }));
refuses(
  REFUSED,
  'NotOnOrAfter that passed by the clock skew is refused (saml-core §2.5.1.2)',
  but({ notOnOrAfter: at(-180) }),
);
refuses(REFUSED, 'an unreadable NotBefore is refused (saml-core §1.3.3)', but({ notBefore: 'yesterday' }));
refuses(REFUSED, 'an unreadable NotOnOrAfter is refused (saml-core §1.3.3)', but({ notOnOrAfter: '9999' }));
accepts(
  'conditions without times are accepted (saml-core §2.5.1)',
  but({ notBefore: undefined, notOnOrAfter: undefined }),
);
refuses(REFUSED, 'an Assertion without Conditions is refused (profiles §4.1.4.2)', () =>
  bench.response({ assertion: { conditions: undefined } }),
);
refuses(REFUSED, 'two Conditions are refused (saml-core §2.3.3)', () =>
  bench.response({ before: (xml) => xml.replace(/<saml:Conditions.*<\/saml:Conditions>/, (one) => one + one) }),
);
refuses(
  REFUSED,
  'a condition nobody here knows makes the Assertion unusable (saml-core §2.5.1.1)',
  but({ more: '<saml:Condition xmlns:x="urn:x" x:type="x"/>' }),
);
refuses(
  REFUSED,
  'a condition of another namespace makes the Assertion unusable (saml-core §2.5.1.1)',
  but({ more: '<x:OneTimeUse xmlns:x="urn:x"/>' }),
);
accepts(
  'OneTimeUse is kept anyway, as every Assertion is used once (saml-core §2.5.1.5)',
  but({ more: '<saml:OneTimeUse/>' }),
);
accepts(
  'ProxyRestriction is kept anyway, as no Assertion is passed on (saml-core §2.5.1.6)',
  but({ more: '<saml:ProxyRestriction Count="0"/>' }),
);
accepts('one of several audiences may be us (saml-core §2.5.1.4)', but({ audiences: [['urn:other', ENTITY_ID]] }));
accepts('white space around an audience is passed over', but({ audiences: [[` ${ENTITY_ID}\n`]] }));
refuses(
  'SAML_AUDIENCE',
  'an Assertion for another service is refused (saml-core §2.5.1.4)',
  but({ audiences: [['urn:other']] }),
);
refuses(
  'SAML_AUDIENCE',
  'every AudienceRestriction must name us (saml-core §2.5.1.4)',
  but({ audiences: [[ENTITY_ID], ['urn:other']] }),
);
refuses(
  'SAML_AUDIENCE',
  'an Assertion for nobody in particular is refused (profiles §4.1.4.2)',
  but({ audiences: [] }),
);
refuses(
  'SAML_AUDIENCE',
  'an audience that only begins like us is another service',
  but({ audiences: [[`${ENTITY_ID}.attacker.example`]] }),
);
refuses('SAML_AUDIENCE', 'an audience with an element inside is nobody', () =>
  bench.response({
    before: (xml) => xml.replace(`<saml:Audience>${ENTITY_ID}`, () => `<saml:Audience>${ENTITY_ID}<x/>`),
  }),
);

import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import { at } from '../../support.ts';

const until = (notOnOrAfter: string | undefined) => () => bench.logoutRequest({ fields: { notOnOrAfter } });

accepts('a LogoutRequest before its NotOnOrAfter is accepted (saml-core §3.7.1)', until(at(1)));
accepts('a LogoutRequest that says no end is accepted: Auth0, Shibboleth and authentik send none', until(undefined));
accepts('NotOnOrAfter that passed within the clock skew is accepted', until(at(-179)));
refuses('SAML_EXPIRED', 'NotOnOrAfter that passed by the clock skew is refused (saml-core §3.7.1)', until(at(-180)));
refuses('SAML_EXPIRED', 'an unreadable NotOnOrAfter is refused, not passed over (saml-core §1.3.3)', until('tomorrow'));
refuses('SAML_EXPIRED', 'an empty NotOnOrAfter is refused, not passed over (saml-core §1.3.3)', until(''));

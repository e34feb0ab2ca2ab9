import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import { at } from '../../support.ts';

const REFUSED = 'SAML_ISSUE_INSTANT';
const issued = (issueInstant: string | undefined) => () => bench.logoutRequest({ fields: { issueInstant } });

accepts('a LogoutRequest from four minutes ago is accepted: WSO2 repeats one that long', issued(at(-240)));
accepts('an IssueInstant in the future within the clock skew is accepted (saml-core §1.3.3)', issued(at(179)));
refuses(REFUSED, 'an IssueInstant in the future beyond the clock skew is refused (saml-core §1.3.3)', issued(at(181)));
accepts('an IssueInstant five minutes and the clock skew ago is accepted', issued(at(-480)));
refuses(REFUSED, 'an IssueInstant older than that is refused', issued(at(-481)));
refuses(REFUSED, 'a LogoutRequest without IssueInstant is refused (saml-core §3.2.1)', issued(undefined));
for (const [difference, text] of [
  ['with an offset', '2026-05-04T12:00:00+00:00'],
  ['without zone', '2026-05-04T12:00:00'],
  ['without time', '2026-05-04'],
  ['that is no time', 'now'],
  ['in the 13th month', '2026-13-04T12:00:00Z'],
  ['with white space', ' 2026-05-04T12:00:00Z'],
  ['that is empty', ''],
] as const) {
  refuses(REFUSED, `an IssueInstant ${difference} is refused: UTC with Z (saml-core §1.3.3)`, issued(text));
}
accepts('an IssueInstant with nanoseconds is accepted (saml-core §1.3.3)', issued('2026-05-04T12:00:00.123456789Z'));
refuses(REFUSED, 'an Assertion of yesterday in a Response of now is refused', () =>
  bench.response({ assertion: { issueInstant: at(-86_400) } }),
);
refuses(REFUSED, 'a Response of yesterday around an Assertion of now is refused', () =>
  bench.response({ fields: { issueInstant: at(-86_400) } }),
);
refuses(REFUSED, 'a LogoutResponse of yesterday is refused', () =>
  bench.logoutResponse({ fields: { issueInstant: at(-86_400) } }),
);

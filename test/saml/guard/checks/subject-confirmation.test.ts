import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import type { AssertionFields, ConfirmationFields } from '../../../../demo/identity-provider/messages.ts';
import { ACS, at, SLO } from '../../support.ts';

const REFUSED = 'SAML_SUBJECT_CONFIRMATION';
const [HOLDER_OF_KEY, SENDER_VOUCHES] = [
  'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key',
  'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches',
];
const but =
  (change: ConfirmationFields) =>
  ({ confirmations = [] }: AssertionFields) => ({
    confirmations: confirmations.map((valid) => ({ ...valid, ...change })),
  });
const confirmed = (change: ConfirmationFields) => () => bench.response({ assertion: but(change) });

accepts('a bearer confirmation for this address, moment and request is accepted (profiles §4.1.4.2)', () =>
  bench.response(),
);
refuses(
  REFUSED,
  'a Recipient that is another service is refused (profiles §4.1.4.2)',
  confirmed({ recipient: 'https://other.example/acs' }),
);
refuses(
  REFUSED,
  'a Recipient that is our logout address is refused (profiles §4.1.4.2)',
  confirmed({ recipient: SLO }),
);
refuses(
  REFUSED,
  'a confirmation without Recipient is refused (profiles §4.1.4.2)',
  confirmed({ recipient: undefined }),
);
refuses(
  REFUSED,
  'an Assertion for the ACS address that is brought to another of our addresses is refused (profiles §4.1.4.2)',
  () => bench.response({ endpoint: SLO, fields: { destination: undefined } }),
);
accepts('NotOnOrAfter that passed within the clock skew is accepted', confirmed({ notOnOrAfter: at(-179) }));
refuses(
  REFUSED,
  'NotOnOrAfter that passed by the clock skew is refused (profiles §4.1.4.3)',
  confirmed({ notOnOrAfter: at(-180) }),
);
refuses(
  REFUSED,
  'a confirmation without NotOnOrAfter is refused (profiles §4.1.4.2)',
  confirmed({ notOnOrAfter: undefined }),
);
refuses(REFUSED, 'an unreadable NotOnOrAfter is refused (saml-core §1.3.3)', confirmed({ notOnOrAfter: 'never' }));
refuses(
  REFUSED,
  'a bearer confirmation with NotBefore is refused (profiles §4.1.4.2)',
  confirmed({ notBefore: at(-60) }),
);
refuses(REFUSED, 'holder-of-key is not bearer (profiles §4.1.4.2)', confirmed({ method: HOLDER_OF_KEY }));
refuses(REFUSED, 'sender-vouches is not bearer (profiles §4.1.4.2)', confirmed({ method: SENDER_VOUCHES }));
refuses(
  REFUSED,
  'InResponseTo of another request than the Response has is refused (profiles §4.1.4.3)',
  confirmed({ inResponseTo: '_another' }),
);
refuses(
  REFUSED,
  'a confirmation without InResponseTo does not confirm a Response with one (profiles §4.1.4.3)',
  confirmed({ inResponseTo: undefined }),
);
refuses(REFUSED, 'a solicited Assertion in a Response that hides its InResponseTo is refused (profiles §4.1.5)', () =>
  bench.response({ fields: { inResponseTo: undefined } }),
);
refuses(REFUSED, 'an Assertion without confirmation is refused (profiles §4.1.4.2)', () =>
  bench.response({ assertion: { confirmations: [] } }),
);
refuses(REFUSED, 'a confirmation without SubjectConfirmationData is refused (profiles §4.1.4.2)', () =>
  bench.response({ before: (xml) => xml.replace(/<saml:SubjectConfirmationData[^>]*>/, '') }),
);
accepts('one confirmation that fits is enough (saml-core §2.4.1)', () =>
  bench.response({
    assertion: ({ confirmations = [] }) => ({
      confirmations: [{ method: HOLDER_OF_KEY, recipient: ACS }, ...confirmations],
    }),
  }),
);

// Everything curfew writes is valid by the standard's own schemas.

import { inflateRawSync } from 'node:zlib';
import type { Browser, Page } from '../support/browser.ts';
import { formsIn } from '../support/forms.ts';
import { needing } from '../support/needing.ts';
import { schemaFaults } from './schema.ts';
import { carryOn, stageWithSimpleSamlPhp } from './stage.ts';

const law = needing('php', 'simplesamlphp', 'dokuwiki');

/** The SAML messages that passed through the browser in a query, decoded. */
const inQueries = ({ hops }: Page): string[] =>
  hops
    .map(({ url }) => new URL(url).searchParams)
    .flatMap((query) => query.get('SAMLRequest') ?? query.get('SAMLResponse') ?? [])
    .map((text) => inflateRawSync(Buffer.from(text, 'base64')).toString());

/** The SAML message in the form of a page. */
const inForm = ({ body, url }: Page): string =>
  formsIn(body, url)
    .flatMap(({ fields }) => fields.filter(({ name }) => /^SAML(?:Request|Response)$/.test(name)))
    .map(({ value }) => Buffer.from(value, 'base64').toString())
    .join('');

const kindOf = (xml: string): string => /^<(?:\w+:)?(\w+)/.exec(xml)?.[1] ?? '';

const outside = (person: Browser, url: string): Promise<Page> => person.request(url);

law('a document that is not valid is told from one that is (so that the laws below can fail)', (t) => {
  t.deepEqual(schemaFaults('<x/>', 'protocol').length, 1);
  t.deepEqual(schemaFaults('no', 'protocol').length, 2);
});

law('the metadata is valid (saml-metadata, its schema)', async (t) => {
  const { curfew, browser } = await stageWithSimpleSamlPhp(t);
  const { body, headers } = await outside(browser(), `${curfew.origin}/saml/metadata`);
  t.regex(headers['content-type'] ?? '', /^application\/samlmetadata\+xml/);
  t.deepEqual(schemaFaults(body, 'metadata'), []);
});

for (const [binding, behaviour] of [
  ['redirect', {}],
  ['post', { keeps: 'HTTP-POST', accepts: ['HTTP-POST'] }],
] as const) {
  law(`AuthnRequest, LogoutRequest and LogoutResponse by ${binding} are valid (saml-core, its schema)`, async (t) => {
    const { curfew, idp, browser, signIn } = await stageWithSimpleSamlPhp(t, behaviour, {
      idp: `    logout: { binding: ${binding} }`,
    });
    const alice = browser();
    const written: string[] = [];
    written.push(...inQueries(await browser().visit(curfew.at('mirror'))));
    await signIn(alice, curfew.at('mirror'));

    // Our answer: in the address the browser is sent to, or in the form it is given.
    const asked = await alice.visit(idp.logoutAddress);
    if (binding === 'redirect') written.push(...inQueries(asked).filter((xml) => kindOf(xml) === 'LogoutResponse'));
    else written.push(inForm(await alice.submitForm(asked)));

    // Our own request.
    const bob = browser();
    await signIn(bob, curfew.at('mirror'));
    const left = await bob.visit(curfew.at('mirror', '/.curfew/logout'));
    if (binding === 'redirect') written.push(...inQueries(left).filter((xml) => kindOf(xml) === 'LogoutRequest'));
    else written.push(inForm(left));
    await carryOn(bob, left);

    t.deepEqual(written.map(kindOf), ['AuthnRequest', 'LogoutResponse', 'LogoutRequest']);
    for (const xml of written) t.deepEqual(schemaFaults(xml, 'protocol'), [], xml);
  });
}

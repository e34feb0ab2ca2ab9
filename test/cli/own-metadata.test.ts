// `curfew metadata --app`: the metadata of an app that has a service provider of its own.

import test from 'ava';
import { readServiceProvider } from '../../demo/identity-provider/service-provider.ts';
import { curfew } from '../journeys/child.ts';
import { OPEN, scenery } from '../support/gateway.ts';

test.serial('metadata --app prints the app’s own, and says where there is none', async (t) => {
  const apps = { wiki: OPEN('wiki'), vault: `${OPEN('vault')}saml: {}\n` };
  const { folder, port } = await scenery(t, { apps });
  const { code, output } = await curfew(t, 'metadata', '--app', 'vault', '--policies', folder);
  t.is(code, 0);
  const read = readServiceProvider(output);
  t.is(read.entityId, `http://vault.test:${port}/.curfew/saml/metadata`);
  t.deepEqual(
    read.assertionConsumers.map(({ location }) => location),
    [`http://vault.test:${port}/.curfew/saml/acs`],
  );
  for (const [app, said] of [
    ['wiki', /has no "saml" of its own/],
    ['nobody', /has no app called "nobody"; there is (?:vault, wiki|wiki, vault)\n/],
  ] as const) {
    const without = await curfew(t, 'metadata', '--app', app, '--policies', folder);
    t.is(without.code, 2);
    t.regex(without.complaints, said);
  }
});

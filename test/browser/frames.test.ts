// SimpleSAMLphp's logout in frames, in a real browser: every service provider is told in a hidden frame of a foreign site.

import { needing } from '../support/needing.ts';
import { stageWithSimpleSamlPhp } from '../interop/stage.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium', 'php', 'simplesamlphp', 'dokuwiki');

for (const [binding, behaviour] of [
  ['Redirect', {}],
  ['POST', { keeps: 'HTTP-POST', accepts: ['HTTP-POST'] }],
] as const) {
  law(`a logout in a frame by ${binding} ends everything, and the frame may say so (P1, P2)`, async (t) => {
    const { idp, curfew } = await stageWithSimpleSamlPhp(t, { logout: 'iframe', ...behaviour });
    const { tab, complaints } = await openChromium(t);
    const page = await tab();
    await page.goto(curfew.at('wiki', '/doku.php?id=start'));
    await page.locator('input[name=username]').fill('alice');
    await page.locator('input[name=password]').fill('alicepw');
    await page.locator('input[name=password]').press('Enter');
    await page.waitForURL(curfew.at('wiki', '/doku.php?id=start'));
    t.is(await page.locator('meta[name=generator]').getAttribute('content'), 'DokuWiki');

    const asked: Promise<Record<string, string>>[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${curfew.origin}/saml/slo`)) asked.push(request.allHeaders());
    });
    await page.goto(idp.logoutAddress);
    await page.getByRole('button', { name: 'Yes, all services' }).click();
    // It goes on by itself when every frame has said that its service provider is done, and only then.
    await page.locator('input[name=password]').waitFor();
    // A frame of another site has no cookie of ours: the session was found by its NameID and SessionIndex.
    t.deepEqual(
      (await Promise.all(asked)).map(({ cookie, 'sec-fetch-dest': place }) => ({ cookie, place })),
      [{ cookie: undefined, place: 'iframe' }],
    );
    const log = await idp.log();
    t.regex(log, /Received SAML 2\.0 LogoutResponse/);
    t.notRegex(log, / (ERROR|WARNING) |Unsuccessful logout/);

    await page.goto(curfew.at('wiki', '/doku.php?id=start'));
    await page.locator('input[name=password]').waitFor();
    t.deepEqual(complaints(curfew.origin, new URL(curfew.at('wiki')).origin), []);
  });
}

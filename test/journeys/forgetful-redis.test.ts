// A Redis that has lost what nodes remember: emptied, restarted without its file, failed over. Success waits for their leases (P1).

import { stage } from '../support/gateway.ts';
import { postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { furtherNode, untilReady } from '../support/nodes.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { networkTo } from '../support/network.ts';

const law = needing('redis-server');
const SESSIONS = '  lease: 500ms';

for (const [what, lose] of [
  ['is emptied', (server: RedisServer) => server.ask('FLUSHALL')],
  ['comes back empty', (server: RedisServer) => server.kill().then(() => server.start())],
] as const) {
  law(`where Redis ${what}, Success waits until no node remembers what it has lost (P1)`, async (t) => {
    const server = await startRedis();
    t.teardown(() => server.close());
    const scene = await stage(t, { store: server.url, sessions: SESSIONS });
    const network = await networkTo(() => server.port);
    t.teardown(() => network.close());
    const far = await furtherNode(t, scene, `redis://127.0.0.1:${network.port}`);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    t.is((await browser.request(far.at('wiki'))).status, 200);
    network.hold();
    await lose(server);
    await untilReady(() => scene.running.parts.checks.store());
    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
    t.is((await browser.request(far.at('wiki'))).status, 503);
    network.heal();
    await untilReady(() => far.running.parts.checks.store());
    t.is((await browser.request(far.at('wiki'))).status, 303);
  });
}

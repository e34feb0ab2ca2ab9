// A gateway alone in its process, so that its memory can be told from the test's. Started by memory.test.ts with the app's
// origin; says its port, then its highest resident memory whenever it is asked.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLog } from '../../gateway/kernel/log.ts';
import { openUpstream } from '../../gateway/proxy/engine.ts';

const upstream = openUpstream(
  {
    app: 'wiki',
    origin: process.argv[2] ?? '',
    identityHeaderNames: [],
    connectTimeoutMs: 2000,
    responseTimeoutMs: 30_000,
    idleTimeoutMs: 0,
    maxBodyBytes: 0,
  },
  { log: silentLog, gatewayCookieNames: [] },
);
const server = createServer((request, response) => {
  const passage = {
    requestId: '1',
    clientAddress: '192.0.2.7',
    forwardedFor: '',
    proto: 'http' as const,
    host: 'wiki.example',
    identityHeaders: [],
    connection: undefined,
  };
  void upstream.forward(request, response, passage);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => process.send?.(process.resourceUsage().maxRSS / 1024));

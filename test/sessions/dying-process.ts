// Run by a test in a process of its own, which the test then kills: writes one of everything, says so, and stays.

import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { at, bytes, idOf, record } from './records.ts';

const [, , path = ''] = process.argv;
const store = new SqliteStore(path);
await store.begin(record('lives'), at(0), at(0));
await store.begin(record('ended'), at(0), at(0));
await store.addToken({ hash: 'token', session: idOf('lives'), host: 'wiki.example' });
await store.addToken({ hash: 'dead token', session: idOf('ended'), host: 'wiki.example' });
await store.touch(idOf('lives'), at(42));
await store.mergeCookies(idOf('lives'), 'wiki', [{ key: 'SID', sealed: bytes('lives') }]);
await store.mergeCookies(idOf('ended'), 'wiki', [{ key: 'SID', sealed: bytes('ended') }]);
await store.end(idOf('ended'), at(1));
await store.bury([{ subject: 'buried', index: undefined, issuedAt: at(10), until: at(1000) }]);
await store.once('message', 'used', at(1000), at(0));
await store.keep('awaited', 'response', bytes('kept'), at(1000));
process.stdout.write('written\n');
setInterval(() => undefined, 60_000);

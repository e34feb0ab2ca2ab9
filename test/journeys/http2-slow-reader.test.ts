// Over HTTP/2 a browser says how much it takes: what waits for it here is still ours to keep back.

import { openTls } from '../support/http2-client.ts';
import * as frames from '../support/http2-frames.ts';
import { needing } from '../support/needing.ts';
import { SUCCESS } from '../support/logout-requests.ts';
import { openForHttp2 } from './http2-stage.ts';

const { DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, WINDOW_UPDATE, fieldBlock, frame, uint32 } = frames;
const law = needing('openssl');
/** SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.5.2). */
const INITIAL_WINDOW = 4;
const KIB = 1024;

law(
  'an answer that is here whole, and that its browser takes later, is not given to it after Success (P1, P8)',
  async (t) => {
    const { port, ca, cookie, logout, upstream } = await openForHttp2(t, (_request, response) => {
      response.end('s'.repeat(8 * KIB));
    });
    const alice = await cookie('alice', 'wiki.test');
    const browser = frames.speakFrames(await openTls(t, { port, ca, servername: 'wiki.test' }), [
      [INITIAL_WINDOW, KIB],
    ]);
    const fields = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/page'],
      [':authority', `wiki.test:${port}`],
      ['cookie', alice],
    ] as const;
    browser.write(frame(HEADERS, END_HEADERS | END_STREAM, 1, fieldBlock(fields)));
    const first = await browser.until(({ type }) => type === DATA);
    t.is(first.at(-1)?.payload.length, KIB);
    t.is(upstream.requests.at(-1)?.url, '/page');
    t.deepEqual(await logout('alice'), SUCCESS);
    browser.write(frame(WINDOW_UPDATE, 0, 1, uint32(64 * KIB)));
    const rest = await browser.until(({ type, stream }) => stream === 1 && (type === RST_STREAM || type === DATA));
    t.is(rest.at(-1)?.type, RST_STREAM);
  },
);

// Upgrades as bytes: a handshake, the answer to it, and a tunnel that is open.

import { get, type BytesApp, type Conversation, type Stage } from './stage.ts';

export const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
export const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n';

/** An open tunnel through the gateway, both ends as bytes. */
export async function tunnel(
  wiki: BytesApp,
  gateway: Stage,
): Promise<{ client: Conversation; conversation: Conversation }> {
  const client = gateway.send(get('/ws', HANDSHAKE));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  conversation.write(`${SWITCHING}\r\n`);
  await client.until('\r\n\r\n');
  return { client, conversation };
}

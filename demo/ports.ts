// Ports for the demonstration: the ones people remember, or free ones.

import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** `wanted` where nothing on this machine listens on it, otherwise a free one; 0 asks for a free one. */
export async function choosePort(wanted: number): Promise<number> {
  // Browsers ask ::1 first: whoever listens there would get what is meant for 127.0.0.1.
  const six = wanted === 0 ? wanted : await tryPort(wanted, '::1');
  const four = six === undefined ? undefined : await tryPort(wanted, '127.0.0.1');
  return four ?? (await choosePort(0));
}

/** The port, when it could be opened; undefined where another program has it. A machine without IPv6 has ::1 free. */
async function tryPort(wanted: number, host: string): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' ? wanted : undefined;
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

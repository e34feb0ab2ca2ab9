// Where metadata comes from: a file, looked at again when it has changed, or an address on the web.

import { readFile, stat } from 'node:fs/promises';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { whyNoFile } from '../../kernel/regular-file.ts';
import { decodedText } from '../../kernel/text-file.ts';
import { IdpMetadataFault } from './fault.ts';

/** As configured. `ca` is PEM: the only authority whose certificate the address may show; by default those of the system. */
export type MetadataPlace =
  { readonly path: string; readonly text: string } | { readonly url: string; readonly ca: string | undefined };

/** What was seen of a place: kept by the caller between two looks. */
export interface SeenPlace {
  /** Of a file: when it was changed, and its size. */
  file?: string;
  /** Of an address: when it answered, by its own clock (`Date`), in milliseconds since 1970. */
  servedAt?: number;
}

const DEADLINE_MS = 10_000;
/** Reading it holds up everything else: a MiB costs some 60 ms. An aggregate of a whole federation does not belong here. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The text, or undefined where a file has not changed since `seen`, which is kept by the caller between two looks. Rejects with what is wrong, in words
 * for the operator.
 */
export async function readPlace(place: MetadataPlace, seen: SeenPlace): Promise<string | undefined> {
  if ('url' in place) return fetched(place.url, place.ca, seen);
  const stands = await stat(place.path);
  const fault = whyNoFile(stands);
  if (fault !== undefined) throw new IdpMetadataFault(fault);
  const { mtimeMs, size } = stands;
  const now = `${mtimeMs} ${size}`;
  if (seen.file === now) return undefined;
  if (size > MAX_BYTES) throw new IdpMetadataFault(`has ${size} bytes; at most ${MAX_BYTES} are read`);
  const text = decoded(await readFile(place.path));
  seen.file = now;
  return text;
}

/** No redirect is followed: where the keys come from stands in the configuration. */
function fetched(url: string, ca: string | undefined, seen: SeenPlace): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const headers = { Accept: 'application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1' };
  const options = { signal, headers, agent: false, ...(ca !== undefined && { ca }) } as const;
  const request = url.startsWith('https:') ? requestTls(url, options) : requestPlain(url, options);
  request.on('error', (cause) => {
    reject(new IdpMetadataFault(signal.aborted ? `was not there within ${DEADLINE_MS} ms` : String(cause), { cause }));
  });
  request.on('response', (response) => {
    const servedAt = Date.parse(response.headers.date ?? '');
    if (!Number.isNaN(servedAt)) seen.servedAt = servedAt;
    textOf(response).then(resolve, (cause: unknown) => {
      request.destroy();
      reject(cause instanceof IdpMetadataFault ? cause : new IdpMetadataFault(String(cause), { cause }));
    });
  });
  request.end();
  return promise;
}

async function textOf(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) throw new IdpMetadataFault(`was answered with status ${response.statusCode ?? 0}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new IdpMetadataFault(`has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return decoded(Buffer.concat(chunks));
}

function decoded(bytes: Buffer): string {
  try {
    return decodedText(bytes);
  } catch (cause) {
    throw new IdpMetadataFault('is neither UTF-8 nor UTF-16', { cause });
  }
}

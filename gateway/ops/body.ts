// The small bodies that operators send.

const MOST_BYTES = 64 * 1024;

/** The body as text; undefined where it is larger than 64 KiB. */
export async function bodyOf(request: AsyncIterable<Buffer>): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** The object that JSON holds; an empty one where it holds none. */
export function recordIn(text: string | undefined): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text ?? '');
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

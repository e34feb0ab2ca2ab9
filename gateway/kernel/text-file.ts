// Bytes of a file as text. Editors and shells of Windows write UTF-16 with a byte order mark, and metadata that was saved there is metadata all the same.

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The text, without its byte order mark: UTF-16 where a mark says so, otherwise UTF-8. Throws TypeError where it is neither. */
export function decodedText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { fatal: true }).decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be', { fatal: true }).decode(bytes);
  return UTF_8.decode(bytes);
}

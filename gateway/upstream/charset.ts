// Old applications speak old encodings: a page is read in its own, and a form goes back in the same (HTML, "form submission").

/** The text of a page, and the encoding it was in. */
export interface PageText {
  readonly text: string;
  /** As TextDecoder calls it, such as `utf-8` or `windows-1252`. */
  readonly encoding: string;
}

/** Reads a page: by the charset of its Content-Type, else by what its first 1024 bytes say, else as UTF-8. */
export function decodePage(body: Buffer, contentType: string): PageText {
  const named = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1];
  const written = /<meta\b[^>]*\bcharset\s*=\s*["']?\s*([\w.:-]+)/i.exec(body.toString('latin1', 0, 1024))?.[1];
  const decoder = decoderOf(named) ?? decoderOf(written) ?? new TextDecoder();
  return { text: decoder.decode(body), encoding: decoder.encoding };
}

/** Writes text for a form of a page in `encoding`; what it cannot hold becomes `&#8364;`, as in browsers. */
export function encodeText(text: string, encoding: string): Uint8Array {
  if (!SINGLE_BYTE.test(encoding)) return Buffer.from(text, 'utf8');
  const decoder = new TextDecoder(encoding);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte] as const));
  const written = Array.from(text).flatMap((character) => {
    const byte = bytes.get(character);
    return byte === undefined ? [...Buffer.from(`&#${character.codePointAt(0) ?? 0};`)] : [byte];
  });
  return Uint8Array.from(written);
}

/** One byte a character. A form in any other encoding goes out as UTF-8, which is what they are written in today. */
const SINGLE_BYTE = /^(?:windows-|iso-8859-|koi8-|macintosh|ibm866)/;

function decoderOf(label: string | undefined): TextDecoder | undefined {
  try {
    return label === undefined ? undefined : new TextDecoder(label);
  } catch {
    return undefined;
  }
}

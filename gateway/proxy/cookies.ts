// Keeps the gateway's own cookies out of sight of every app, in both directions (P11), and leaves the bytes of all others
// as they are. A name that ends in `-` stands for every name that begins with it.

/** A Cookie header without the cookies of these names; empty where nothing is left. Names are case-sensitive (RFC 6265 §5.3). */
export function withoutCookies(header: string, names: readonly string[]): string {
  if (!mentions(header, names)) return header;
  return header
    .split(';')
    .filter((pair) => !isAmong(cookieName(pair), names))
    .join(';')
    .trim();
}

/** Whether a Set-Cookie value would make the browser send one of these names. */
export function setsCookie(setCookie: string, names: readonly string[]): boolean {
  if (!mentions(setCookie, names)) return false;
  const end = setCookie.indexOf(';');
  return isAmong(cookieName(end === -1 ? setCookie : setCookie.slice(0, end)), names);
}

/**
 * The name the next parser will read. `Set-Cookie: =curfew=x` makes a cookie without a name, which browsers send back as
 * `Cookie: curfew=x`: leading equals signs are no part of a name.
 */
function cookieName(pair: string): string {
  const bare = pair.replace(/^[\s=]+/, '');
  const end = bare.indexOf('=');
  return (end === -1 ? bare : bare.slice(0, end)).trim();
}

const isAmong = (name: string, names: readonly string[]): boolean =>
  names.some((own) => name === own || (own.endsWith('-') && name.startsWith(own)));

function mentions(text: string, names: readonly string[]): boolean {
  for (const name of names) if (text.includes(name)) return true;
  return false;
}

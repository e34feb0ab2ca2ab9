// A cookie on its way to the browser must not name where the app really is: browsers would refuse it, and learn the name.

/** The Set-Cookie value without a Domain that names `hostname`, so that the cookie is one of the host alone (RFC 6265 §5.3 step 6). */
export function withoutDomain(setCookie: string, hostname: string): string {
  if (!DOMAIN.test(setCookie)) return setCookie;
  const [pair = '', ...attributes] = setCookie.split(';');
  return [pair, ...attributes.filter((attribute) => domainIn(attribute) !== hostname)].join(';');
}

const DOMAIN = /;\s*domain\s*=/i;

/** A dot at the beginning means nothing (RFC 6265 §5.2.3). */
function domainIn(attribute: string): string | undefined {
  const [name = '', value = ''] = attribute.split('=', 2);
  if (name.trim().toLowerCase() !== 'domain') return undefined;
  return value.trim().toLowerCase().replace(/^\./, '').replace(/\.$/, '');
}

// The plain address at which some identity providers end their session, with or without SAML: WSO2's `slo=true`, Auth0's `/v2/logout`.

const REFERENCE = /\$\{([^}]*)\}?/g;
const KNOWN = ['returnTo', 'entityId'] as const;

/** What is wrong with such a template, with what to write; undefined where it is good. */
export function logoutAddressFault(template: string): string | undefined {
  const unknown = [...template.matchAll(REFERENCE)].find(([text, name]) => !isKnown(name) || !text.endsWith('}'));
  if (unknown !== undefined) return `${unknown[0]} is not known here; there are \${returnTo} and \${entityId}`;
  const [beforeQuery = ''] = template.split('?', 1);
  // Only behind `?`: no value may decide where people are sent.
  if (beforeQuery.includes('${')) return '${…} may stand behind "?" only';
  if (template.includes('#')) return 'has a fragment, which no server sees; leave it out';
  const url = URL.parse(beforeQuery);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || /\s/.test(template))
    return 'is no address; write "https://idp.example.com/samlsso?slo=true&spEntityID=${entityId}&returnTo=${returnTo}"';
  return undefined;
}

/** The address with its values put in, percent-encoded. */
export const logoutAddress = (template: string, values: Readonly<Record<(typeof KNOWN)[number], string>>): string =>
  template.replace(REFERENCE, (_text, name: string) => (isKnown(name) ? encodeURIComponent(values[name]) : ''));

const isKnown = (name: string | undefined): name is (typeof KNOWN)[number] =>
  (KNOWN as readonly (string | undefined)[]).includes(name);

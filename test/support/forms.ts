// The forms in a page, as far as a test needs to fill them in. A scanner for the plain HTML of gateways and legacy
// applications, not a parser of all HTML.

export interface Field {
  readonly name: string;
  readonly value: string;
}

export interface Button extends Field {
  /** The words on it. */
  readonly label: string;
}

export interface Form {
  readonly id: string | undefined;
  /** `get` or `post`. */
  readonly method: string;
  readonly enctype: string;
  /** Absolute. */
  readonly action: string;
  /** What is sent if nobody changes anything; without buttons. */
  readonly fields: readonly Field[];
  readonly buttons: readonly Button[];
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  /** Text up to the next tag, entities resolved. */
  readonly text: string;
}

const UNSENT = new Set(['button', 'image', 'reset', 'submit', 'file']);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** Every form of the page at `base`, in order. */
export function formsIn(html: string, base: string): Form[] {
  const forms: Form[] = [];
  let inside: Tag[] | undefined;
  for (const tag of tagsIn(html)) {
    if (tag.name !== 'form') inside?.push(tag);
    else if (!tag.isEnd) inside = [tag];
    else if (inside) {
      forms.push(formOf(inside, base));
      inside = undefined;
    }
  }
  return forms;
}

/** Whether a script in the page submits its form without being asked. */
export const submitsItself = (html: string): boolean => /\.submit\(\)/.test(html) && /<form[\s>]/i.test(html);

/** The addresses of the links in the page whose text contains `words`. */
export const linksIn = (html: string, base: string, words = ''): string[] =>
  tagsIn(html)
    .filter((tag) => tag.name === 'a' && !tag.isEnd && tag.attributes.has('href') && tag.text.includes(words))
    .map((tag) => new URL(tag.attributes.get('href') ?? '', base).href);

function tagsIn(html: string): Tag[] {
  const visible = html.replace(/<!--[\s\S]*?-->/g, '').replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, '');
  const tags = visible.matchAll(/<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>([^<]*)/gi);
  return [...tags].map(([, slash = '', name = '', attributes = '', text = '']) => ({
    name: name.toLowerCase(),
    isEnd: slash === '/',
    attributes: attributesIn(attributes),
    text: unescaped(text),
  }));
}

function attributesIn(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', , double, single, bare] of text.matchAll(
    /([^\s=/"'>]+)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  )) {
    attributes.set(name.toLowerCase(), unescaped(double ?? single ?? bare ?? ''));
  }
  return attributes;
}

const unescaped = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });

function formOf([form, ...tags]: readonly Tag[], base: string): Form {
  const attribute = (name: string): string | undefined => form?.attributes.get(name);
  const fields: Field[] = [];
  const buttons: Button[] = [];
  let select: string | undefined;
  let options: (Field & { readonly selected: boolean })[] = [];
  for (const { name: tag, isEnd, attributes, text } of tags) {
    const name = attributes.get('name') ?? '';
    const type = attributes.get('type')?.toLowerCase() ?? (tag === 'button' ? 'submit' : 'text');
    const value = attributes.get('value') ?? '';
    if (tag === 'select' && isEnd && select !== undefined) {
      const chosen = options.find(({ selected }) => selected) ?? options[0];
      if (chosen) fields.push({ name: select, value: chosen.value });
      select = undefined;
    }
    if (isEnd || attributes.has('disabled')) continue;
    if (tag === 'select') [select, options] = [name, []];
    if (tag === 'option') {
      options.push({ name: '', value: attributes.get('value') ?? text.trim(), selected: attributes.has('selected') });
    }
    if (tag === 'textarea' && name !== '') fields.push({ name, value: text.replace(/^\n/, '') });
    if ((tag === 'input' || tag === 'button') && type === 'submit') {
      buttons.push({ name, value, label: tag === 'button' ? text.trim() : value });
    }
    if (tag !== 'input' || name === '' || UNSENT.has(type)) continue;
    if (type !== 'checkbox' && type !== 'radio') fields.push({ name, value });
    else if (attributes.has('checked')) fields.push({ name, value: attributes.get('value') ?? 'on' });
  }
  return {
    id: attribute('id'),
    method: (attribute('method') ?? 'get').toLowerCase(),
    enctype: (attribute('enctype') ?? 'application/x-www-form-urlencoded').toLowerCase(),
    action: new URL(attribute('action') || base, base).href,
    fields,
    buttons,
  };
}

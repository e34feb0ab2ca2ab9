// The links and forms of a page. Only the tokens of HTML are read, not its tree: a tree can grow far beyond the page that
// describes it (`<b id=1><p><b id=2><p>…`), and in applications it is people who write the pages.

import { Tokenizer, TokenizerMode, type Token, type TokenHandler } from 'parse5';
import { formReader, seen, type PageForm, type Tag } from './form.ts';

/** A link in a page. */
export interface PageLink {
  /** As it stands in the page. */
  readonly href: string;
  /** By what it is found besides: its words, and what it is called where it has none. */
  readonly label: string;
}

/** What somebody sees in a page, and can go on with. */
export interface Page {
  readonly links: readonly PageLink[];
  readonly forms: readonly PageForm[];
  /** The text that people read, with the words on buttons. */
  readonly words: string;
  /** What its addresses are relative to. */
  readonly base: URL;
}

/** Elements whose content is no markup. The page is read as by a browser without scripts, so `noscript` is none of them. */
const TEXT_ONLY: ReadonlyMap<string, (typeof TokenizerMode)[keyof typeof TokenizerMode]> = new Map([
  ...(['title', 'textarea'] as const).map((name) => [name, TokenizerMode.RCDATA] as const),
  ...(['style', 'xmp', 'iframe', 'noembed', 'noframes'] as const).map((name) => [name, TokenizerMode.RAWTEXT] as const),
  ['script', TokenizerMode.SCRIPT_DATA],
  ['plaintext', TokenizerMode.PLAINTEXT],
]);

/** Reads a page that came from `url`, in time that grows with its length and nothing else. */
export function readPage(html: string, url: URL): Page {
  const links: { readonly href: string; label: string }[] = [];
  const forms = formReader();
  let base: URL | undefined;
  let link: { readonly href: string; label: string } | undefined;
  /** What stands in a template is not on the page. */
  let templates = 0;
  let words = '';
  /** Where the text is not for people. */
  let machine: string | undefined;

  function start({ tagName, attrs }: Token.TagToken): void {
    tokenizer.state = TEXT_ONLY.get(tagName) ?? tokenizer.state;
    if (tagName === 'script' || tagName === 'style') machine = tagName;
    if (tagName === 'template') templates += 1;
    if (templates > 0) return;
    const tag: Tag = { name: tagName, attributes: new Map(attrs.map(({ name, value }) => [name, value])) };
    const href = tag.attributes.get('href');
    if (tagName === 'base' && href !== undefined) base ??= URL.parse(href, url) ?? undefined;
    if (tagName === 'a') {
      link = href === undefined ? undefined : { href, label: calledBy(tag) };
      if (link !== undefined) links.push(link);
    }
    // A picture is the label of the link it stands in.
    if (tagName === 'img' && link !== undefined) link.label += ` ${tag.attributes.get('alt') ?? ''} `;
    // Words on both sides of a tag are two words.
    words += ' ';
    if (tagName === 'input') words += `${isButton(tag) ? (tag.attributes.get('value') ?? '') : ''} `;
    forms.start(tag);
  }

  function end({ tagName }: Token.TagToken): void {
    if (tagName === machine) machine = undefined;
    if (tagName === 'template') templates = Math.max(0, templates - 1);
    if (templates > 0) return;
    if (tagName === 'a') link = undefined;
    forms.end(tagName);
  }

  function text({ chars }: Token.CharacterToken): void {
    if (templates > 0) return;
    if (machine === undefined) words += chars;
    if (link !== undefined) link.label += chars;
    forms.text(chars);
  }

  const nothing = (): void => {};
  const reader: TokenHandler = {
    ...{ onStartTag: start, onEndTag: end, onCharacter: text, onWhitespaceCharacter: text },
    ...{ onNullCharacter: nothing, onComment: nothing, onDoctype: nothing, onEof: nothing },
  };
  const tokenizer = new Tokenizer({}, reader);
  tokenizer.write(html, true);
  return {
    links: links.map(({ href, label }) => ({ href, label: seen(label) })),
    forms: forms.all(),
    words: seen(words),
    base: base ?? url,
  };
}

const isButton = ({ attributes }: Tag): boolean => /^(?:submit|button|reset)$/i.test(attributes.get('type') ?? '');

const calledBy = ({ attributes }: Tag): string =>
  ['title', 'aria-label'].map((name) => `${attributes.get(name) ?? ''} `).join('');

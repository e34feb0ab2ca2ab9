// The pages people meet, in their language and in the operator's look. Templates are read once, at the start.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appsDraft, choiceDraft } from './choice-page.ts';
import type { Draft } from './drafts.ts';
import { failureDraft } from './failure-page.ts';
import { lostFormDraft, postDraft, sendFormDraft } from './form-pages.ts';
import { languageFor, LANGUAGES, type Language } from './languages.ts';
import { styleOf } from './look.ts';
import { styled, wholePage, type Page, type Style } from './page.ts';
import { fillIn, readTemplate, type Piece, type View } from './page-template.ts';
import type { PageColours } from './settings.ts';
import { BUILT_IN_AS, PAGE_NAMES, type PageName } from './shapes.ts';
import { signedOutDraft } from './signed-out-page.ts';
import { STYLE_FILE } from './template-faults.ts';
import { TEXTS, type Texts } from './texts/texts.ts';

/** How the pages look and what they say beside their own words. */
export interface PagesOptions {
  readonly language: Language;
  readonly organisation?: string | undefined;
  readonly contact?: string | undefined;
  readonly colours?: PageColours | undefined;
  /** As a `data:` address. */
  readonly logo?: string | undefined;
  /** The operator's templates, without faults, by the names of their files. */
  readonly templates: Readonly<Record<string, string>>;
}

/** The pages in every language. */
export interface Pages {
  /** In the language that this Accept-Language asks for; `contact` says whom to ask where that is somebody of their own. */
  readonly in: (accept: string | undefined, contact?: string) => PagesIn;
}

/** The pages in one language. */
export type PagesIn = ReturnType<ReturnType<typeof pagesIn>>;

type Templates = ReadonlyMap<PageName, readonly Piece[]>;

const BUILT_IN = join(import.meta.dirname, 'templates');

/** Reads the built-in templates and puts the operator's in their places. */
export function openPages(options: PagesOptions): Pages {
  const builtIn = (file: string): string => readFileSync(join(BUILT_IN, file), 'utf8');
  const own = (file: string): string | undefined =>
    Object.hasOwn(options.templates, file) ? options.templates[file] : undefined;
  // The style travels with every page: without its indentation.
  const plain = builtIn(STYLE_FILE).replace(/\s*\n\s*/g, '');
  const style = styled(styleOf(plain, options.colours, own(STYLE_FILE)));
  const templatesIn = (language: Language): Templates => {
    const text = (name: PageName): string =>
      own(`${name}.${language}.html`) ?? own(`${name}.html`) ?? builtIn(`${BUILT_IN_AS[name] ?? name}.html`);
    return new Map(PAGE_NAMES.map((name) => [name, readTemplate(text(name)).pieces]));
  };
  const ready = new Map(
    LANGUAGES.map((language) => [language, pagesIn(language, templatesIn(language), style, options)]),
  );
  return {
    in: (accept, contact = options.contact) => {
      const pages = ready.get(languageFor(accept, options.language));
      if (pages === undefined) throw new TypeError('no pages in a language of ours');
      return pages(contact);
    },
  };
}

function pagesIn(language: Language, templates: Templates, style: Style, options: PagesOptions) {
  const texts = TEXTS[language];
  const { organisation, logo } = options;
  const hasPictures = logo !== undefined || Object.keys(options.templates).length > 0;
  return (contact: string | undefined) => {
    const common: View = { lang: language, contact: contactIn(texts, contact) };
    const filled = (name: PageName, view: View) => fillIn(templates.get(name) ?? [], { ...common, ...view });
    const finished = ({ page, view, title, posts, framed = false }: Draft): Page =>
      wholePage({
        ...{ language, dir: texts.dir, style, hasPictures, posts, framed },
        title: organisation === undefined ? title : `${title} – ${organisation}`,
        body: filled('page', { content: filled(page, view), organisation, logo }),
      });
    /** Facts in, page out. */
    const page =
      <F>(draft: (texts: Texts, facts: F) => Draft) =>
      (facts: F): Page =>
        finished(draft(texts, facts));
    return {
      language,
      choice: page(choiceDraft),
      apps: page(appsDraft),
      signedOut: page(signedOutDraft),
      failure: page(failureDraft),
      post: page(postDraft),
      sendForm: page(sendFormDraft),
      lostForm: page(lostFormDraft),
    };
  };
}

function contactIn({ help: label }: Texts, text: string | undefined): View | undefined {
  if (text === undefined) return undefined;
  const isMail = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(text);
  const url = isMail ? `mailto:${text}` : /^https:\/\/\S+$/.test(text) ? text : undefined;
  return { label, text, url };
}

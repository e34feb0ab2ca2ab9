// What each template may use: the names, and what stands for them. docs/pages.md lists the same.

import type { Html } from './html.ts';

/** A name with the sentence that says what it is, or with the names inside it; those may be there several times. */
export interface Shape {
  readonly [name: string]: string | Shape;
}

/** The values for a shape. */
export type ViewOf<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Shape
    ? ViewOf<S[K]> | readonly ViewOf<S[K]>[] | undefined
    : string | Html | boolean | undefined;
};

const LINK = { url: 'Where it leads.', text: 'Its words.' };

const REASON = {
  quote: 'Words before reason and request.',
  reasonLabel: '“Reason”, in words.',
  code: 'The reason code; the same in every language, in the log and in the audit.',
  requestLabel: '“Request”, in words.',
  requestId: 'The id of the request, by which it is found in the log.',
};

const TITLED = { title: 'The heading.' };

const LIST = {
  ...TITLED,
  intro: 'What is asked.',
  choices: { url: 'Where it leads.', name: 'What it is called.', note: '“as last time”, where it was.' },
};

const FAILURE = {
  ...TITLED,
  message: 'What happened, in a sentence.',
  ...REASON,
  again: LINK,
};

/** By name of the page. `page` is what is around all the others. */
export const SHAPES = {
  page: {
    content: 'The page itself.',
    organisation: '`pages.organisation`.',
    logo: '`pages.logo`, as an address for `<img src="{{logo}}">`.',
  },
  choice: LIST,
  apps: LIST,
  'signed-out': {
    ...TITLED,
    over: 'That the session is over.',
    idp: 'What is known of the identity provider.',
    advice: 'What to do, where the identity provider may still know the person.',
    apps: { told: 'What happened to an app, where it was told.', notTold: 'The same, where it could not be told.' },
    on: LINK,
  },
  refused: FAILURE,
  expired: FAILURE,
  unavailable: FAILURE,
  'send-form': {
    ...TITLED,
    intro: 'What happens, or is asked.',
    warning: 'A warning, where it is asked.',
    form: 'The form with its button.',
    back: LINK,
  },
  'lost-form': {
    ...TITLED,
    message: 'What happened, in a sentence.',
    advice: 'What to do, where something can be done.',
    back: LINK,
    ...REASON,
  },
  post: { ...TITLED, intro: 'What happens.', form: 'The form with its button.' },
} as const satisfies Readonly<Record<string, Shape>>;

/** What every template may use beside. */
export const COMMON = {
  lang: 'The language, such as `de`.',
  contact: { label: '“Do you need help?”, in words.', text: '`pages.contact`.', url: 'Its link, where it is one.' },
} as const satisfies Shape;

/** The name of a template. */
export type PageName = keyof typeof SHAPES;

/** In the order of the documentation. */
export const PAGE_NAMES = Object.keys(SHAPES) as readonly PageName[];

/** Pages that are built in as another is. An operator's template stands for its own page alone: it may have words of its own. */
export const BUILT_IN_AS: Readonly<Partial<Record<PageName, PageName>>> = {
  apps: 'choice',
  expired: 'refused',
  unavailable: 'refused',
};

/** What a page cannot do its work without. */
export const REQUIRED: Readonly<Partial<Record<PageName, readonly string[]>>> = {
  page: ['content'],
  choice: ['choices', 'url'],
  apps: ['choices', 'url'],
  'send-form': ['form'],
  post: ['form'],
};

// Everything people read on our pages, once for each language: what one of them lacks does not compile.

import type { Html } from '../html.ts';
import type { Language } from '../languages.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { ja } from './ja.ts';

/** The words of one language. Codes of reasons and request ids are no words, and the same in all. */
export interface Texts {
  readonly dir: 'ltr' | 'rtl';
  /** Before the contact at the foot of each page. */
  readonly help: string;
  /** Above reason and request: what to say when asking. */
  readonly quote: string;
  readonly reason: string;
  readonly request: string;
  readonly tryAgain: string;
  readonly openAgain: string;
  readonly choice: {
    readonly title: string;
    readonly intro: (app: string) => string;
    readonly asLastTime: string;
  };
  readonly apps: { readonly title: string; readonly intro: string };
  readonly signedOut: {
    readonly title: string;
    readonly heading: string;
    readonly over: string;
    /** What is known of the identity provider. */
    readonly idp: Readonly<Record<'told' | 'partial' | 'failed' | 'not-told', string>>;
    /** What to do where it is not known to have signed the person out. */
    readonly advice: Readonly<Record<'partial' | 'failed' | 'not-told', string>>;
    readonly appTold: (app: string) => string;
    readonly appNotTold: (app: string) => string;
    readonly goOn: string;
    readonly signInAgain: string;
  };
  readonly failed: {
    readonly forbidden: string;
    readonly notFound: string;
    readonly tooLarge: string;
    readonly appSilent: string;
    readonly notNow: string;
    readonly expired: string;
    readonly other: string;
  };
  readonly form: {
    readonly sending: string;
    readonly sendingIntro: (app: string) => string;
    readonly ask: string;
    /** `who` stands out. */
    readonly askIntro: (who: Html, app: string) => Html;
    readonly askWarning: string;
    readonly send: string;
    readonly doNotSend: string;
    readonly gone: string;
    readonly ofAnother: string;
    readonly again: string;
    readonly againIntro: string;
    readonly back: string;
  };
  readonly post: { readonly title: string; readonly intro: string; readonly goOn: string };
}

/** By language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en, de, fr, es, ja };

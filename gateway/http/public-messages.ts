// What a stranger is told of each refusal, in their language. A sentence of any room that is not translated does not compile here.

import type { FLOW_CODES } from '../flows/codes.ts';
import type { CurfewError } from '../kernel/errors.ts';
import type { Language } from '../pages/languages.ts';
import { OWN_REASONS, type Translated } from '../pages/reasons.ts';
import { APP_REASONS } from '../pages/app-reasons.ts';
import type { POLICY_CODES } from '../policy/codes.ts';
import type { PROXY_CODES } from '../proxy/codes.ts';
import type { SAML_CODES } from '../saml/codes.ts';
import type { SESSIONS_CODES } from '../sessions/codes.ts';
import type { HTTP_CODES } from './codes.ts';

type Sentences<C> = { [K in keyof C]: C[K] extends { readonly publicMessage: infer M } ? M : never }[keyof C];

/** Every sentence there is. */
type PublicMessage =
  | Sentences<typeof FLOW_CODES>
  | Sentences<typeof HTTP_CODES>
  | Sentences<typeof POLICY_CODES>
  | Sentences<typeof PROXY_CODES>
  | Sentences<typeof SAML_CODES>
  | Sentences<typeof SESSIONS_CODES>;

const REASONS: Readonly<Record<PublicMessage, Translated>> = { ...OWN_REASONS, ...APP_REASONS };
const BY_SENTENCE: ReadonlyMap<string, Translated> = new Map(Object.entries(REASONS));

/** What an error tells a stranger, in a language. Programs are told in English. */
export const messageIn = (language: Language, { publicMessage }: Pick<CurfewError, 'publicMessage'>): string =>
  language === 'en' ? publicMessage : (BY_SENTENCE.get(publicMessage)?.[language] ?? publicMessage);

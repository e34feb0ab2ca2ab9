// One error class for the whole gateway. It speaks to two audiences: a stranger reads `publicMessage`,
// the operator's log gets `code`, `detail` and `cause`. Only http/error-boundary.ts and http/upgrade.ts turn it
// into an answer.

/** What a room declares for each of its codes; docs/errors.md is made from these. */
export interface CodeMeaning {
  /** HTTP status of the answer. */
  readonly status: number;
  /** One generic sentence that a stranger may read. */
  readonly publicMessage: string;
  /** For operators: what was seen. */
  readonly meaning: string;
  /** For operators: what to do about it. */
  readonly remedy: string;
}

/** The codes of one room, each with its meaning. */
export type Codes = Readonly<Record<string, CodeMeaning>>;

/** What is known of one failure, for operators only. */
export interface ErrorFacts {
  /** For the log only: no cookie value, key, attribute value or whole message. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** A refusal or failure with a stable code. Thrown by rooms through the function `errorsOf` makes for them. */
export class CurfewError extends Error {
  readonly code: string;
  readonly status: number;
  readonly publicMessage: string;
  /** For operators, with the remedy. */
  readonly meaning: string;
  readonly remedy: string;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: string, meaning: CodeMeaning, facts: ErrorFacts = {}) {
    super(code, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'CurfewError';
    this.code = code;
    this.status = meaning.status;
    this.publicMessage = meaning.publicMessage;
    this.meaning = meaning.meaning;
    this.remedy = meaning.remedy;
    this.detail = facts.detail ?? {};
  }
}

/** Binds a room's list of codes, so that `refuse('SAML_…', {…})` cannot name a code that is not in it. */
export function errorsOf<C extends Codes>(codes: C): (code: keyof C & string, facts?: ErrorFacts) => CurfewError {
  return (code, facts) => new CurfewError(code, codes[code] as CodeMeaning, facts);
}

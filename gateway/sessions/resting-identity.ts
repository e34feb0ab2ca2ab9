// Identities as most of them rest in this process: as text, without what is the same for many. Of a hundred thousand people few are asked about at any
// moment, and an identity in parts takes six times that memory, in thirty objects that every major collection looks at.

import type { Attributes, EpochMs, Identity, NameId } from '../kernel/words.ts';
import { identityOf } from './identity-text.ts';

type Parts = Pick<Identity, 'nameId' | 'issuedNameId' | 'sessionIndexes' | 'attributes'>;
/** The NameID without its value, and the attributes that there are. */
type Names = readonly [Omit<NameId, 'value'>, readonly string[]];
/** The NameID's value, another that was issued, SessionIndexes, and the values of each attribute. */
type Values = readonly [string, NameId | null, readonly string[], ...(readonly string[])[]];

/** How many identities stay in parts. */
const RECENT = 2048;
/** Words that are the same for many people and kept once; what comes later is kept for each. */
const SHARED_WORDS = 1024;

/** Reads identities, and lets them rest again when so many others have been asked about since. */
export class RestingIdentities {
  readonly #recent: (RestingIdentity | undefined)[] = new Array<undefined>(RECENT).fill(undefined);
  readonly #words = new Map<string, string>();
  #next = 0;

  /** The identity that `textOf` wrote. What every request asks for is at hand; the rest is read from its text when it is asked for. Throws where it cannot be read. */
  of(text: string): Identity {
    return new RestingIdentity(text, this);
  }

  /** `asked` is in parts from now on; whoever was longest is not any more. */
  note(asked: RestingIdentity): void {
    this.#recent[this.#next]?.rest();
    this.#recent[this.#next] = asked;
    this.#next = (this.#next + 1) % RECENT;
  }

  /** The same word, kept once. */
  shared<T extends string | undefined>(word: T): T {
    if (word === undefined) return word;
    const known = this.#words.get(word) as T | undefined;
    if (known === undefined && this.#words.size < SHARED_WORDS) this.#words.set(word, word);
    return known ?? word;
  }
}

/** Its parts are no properties of its own: a copy by `{ ...identity }` would lack them, which is why nobody makes one of what is read here. */
class RestingIdentity implements Identity {
  readonly idp: string;
  readonly sp: string | undefined;
  readonly authnInstant: EpochMs;
  readonly authnContext: string | undefined;
  readonly provenAt: EpochMs | undefined;
  /** Names of its parts, shared with whoever has the same; and what stands under them. */
  readonly #names: string;
  readonly #values: string;
  readonly #all: RestingIdentities;
  #parts: Parts | undefined;

  constructor(text: string, all: RestingIdentities) {
    const parts = identityOf(text);
    this.idp = all.shared(parts.idp);
    this.sp = all.shared(parts.sp);
    this.authnInstant = parts.authnInstant;
    this.authnContext = all.shared(parts.authnContext);
    this.provenAt = parts.provenAt;
    const { value, ...name } = parts.nameId;
    this.#names = all.shared(JSON.stringify([name, [...parts.attributes.keys()]] satisfies Names));
    this.#values = JSON.stringify([
      ...([value, parts.issuedNameId ?? null, parts.sessionIndexes] as const),
      ...parts.attributes.values(),
    ] satisfies Values);
    this.#all = all;
    this.#parts = parts;
    all.note(this);
  }

  get nameId(): NameId {
    return this.#whole().nameId;
  }

  get issuedNameId(): NameId | undefined {
    return this.#whole().issuedNameId;
  }

  get sessionIndexes(): readonly string[] {
    return this.#whole().sessionIndexes;
  }

  get attributes(): Attributes {
    return this.#whole().attributes;
  }

  rest(): void {
    this.#parts = undefined;
  }

  #whole(): Parts {
    if (this.#parts !== undefined) return this.#parts;
    const [name, attributes] = JSON.parse(this.#names) as Names;
    const [value, issuedNameId, sessionIndexes, ...values] = JSON.parse(this.#values) as Values;
    this.#parts = {
      nameId: { ...name, value },
      issuedNameId: issuedNameId ?? undefined,
      sessionIndexes,
      attributes: new Map(attributes.map((attribute, at) => [attribute, values[at] ?? []])),
    };
    this.#all.note(this);
    return this.#parts;
  }
}

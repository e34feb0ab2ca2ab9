// Identities as most of them rest in this process: as text, without what is the same for many. Of a hundred thousand people few are asked about at any
// moment, and an identity in parts takes six times that memory, in thirty objects that every major collection looks at.

import type { Attributes, EpochMs, Identity, NameId } from '../kernel/words.ts';
import { identityOf } from './identity-text.ts';

type Parts = Pick<Identity, 'nameId' | 'issuedNameId' | 'sessionIndexes' | 'attributes'>;
/** The NameID without its value, and the attributes that there are. */
type Names = readonly [Omit<NameId, 'value'>, readonly string[]];
/** The NameID's value, another that was issued, SessionIndexes, and the values of each attribute. */
type Values = readonly [string, NameId | null, readonly string[], ...(readonly string[])[]];

/** What is the same for many people, and kept once. */
interface Kind {
  readonly idp: string;
  readonly sp: string | undefined;
  readonly authnContext: string | undefined;
  /** `Names` as JSON. */
  readonly names: string;
  readonly all: RestingIdentities;
}

/** How many identities stay in parts, and how long their texts may be together: some are of people in very many groups. */
const RECENT = 2048;
const RECENT_CHARACTERS = 4 * 1024 ** 2;
/** Kinds that are kept once; of those that come later each person has one of their own. */
const SHARED_KINDS = 1024;

/** Reads identities, and lets them rest again when so many others have been asked about since. */
export class RestingIdentities {
  readonly #recent: (RestingIdentity | undefined)[] = new Array<undefined>(RECENT).fill(undefined);
  readonly #kinds = new Map<string, Kind>();
  #next = 0;
  #oldest = 0;
  #characters = 0;

  /** The identity that `textOf` wrote. What every request asks for is at hand; the rest is read from its text when it is asked for. Throws where it cannot be read. */
  of(text: string): Identity {
    const whole = identityOf(text);
    return new RestingIdentity(whole, this.#kindOf(whole));
  }

  /** `asked` is in parts from now on; whoever was longest is not any more. */
  note(asked: RestingIdentity): void {
    this.#characters += asked.length;
    while (this.#recent[this.#next] !== undefined || this.#characters > RECENT_CHARACTERS) {
      const oldest = this.#recent[this.#oldest];
      if (oldest === undefined) break;
      oldest.rest();
      this.#characters -= oldest.length;
      this.#recent[this.#oldest] = undefined;
      this.#oldest = (this.#oldest + 1) % RECENT;
    }
    this.#recent[this.#next] = asked;
    this.#next = (this.#next + 1) % RECENT;
  }

  #kindOf({ idp, sp, authnContext, nameId, attributes }: Identity): Kind {
    const { value: _, ...name } = nameId;
    const names = JSON.stringify([name, [...attributes.keys()]] satisfies Names);
    const key = JSON.stringify([idp, sp, authnContext, names]);
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind = { idp, sp, authnContext, names, all: this };
    if (this.#kinds.size < SHARED_KINDS) this.#kinds.set(key, kind);
    return kind;
  }
}

/** Its parts are no properties of its own: a copy by `{ ...identity }` would lack them, which is why nobody makes one of what is read here. */
class RestingIdentity implements Identity {
  readonly authnInstant: EpochMs;
  readonly provenAt: EpochMs | undefined;
  readonly #kind: Kind;
  /** `Values` as JSON. */
  readonly #values: string;
  #parts: Parts | undefined;

  constructor(whole: Identity, kind: Kind) {
    const { nameId, issuedNameId, sessionIndexes, attributes } = whole;
    this.authnInstant = whole.authnInstant;
    this.provenAt = whole.provenAt;
    this.#kind = kind;
    this.#values = JSON.stringify([
      ...([nameId.value, issuedNameId ?? null, sessionIndexes] as const),
      ...attributes.values(),
    ] satisfies Values);
    this.#parts = whole;
    kind.all.note(this);
  }

  get idp(): string {
    return this.#kind.idp;
  }

  get sp(): string | undefined {
    return this.#kind.sp;
  }

  get authnContext(): string | undefined {
    return this.#kind.authnContext;
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

  /** Of its text. */
  get length(): number {
    return this.#values.length;
  }

  rest(): void {
    this.#parts = undefined;
  }

  #whole(): Parts {
    if (this.#parts !== undefined) return this.#parts;
    const [name, attributes] = JSON.parse(this.#kind.names) as Names;
    const [value, issuedNameId, sessionIndexes, ...values] = JSON.parse(this.#values) as Values;
    this.#parts = {
      nameId: { ...name, value },
      issuedNameId: issuedNameId ?? undefined,
      sessionIndexes,
      attributes: new Map(attributes.map((attribute, at) => [attribute, values[at] ?? []])),
    };
    this.#kind.all.note(this);
    return this.#parts;
  }
}

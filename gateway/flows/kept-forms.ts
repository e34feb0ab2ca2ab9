// A form that met no session waits for its person to sign in: sealed, for a quarter of an hour, for one browser, for one use.

import { plus, type Clock } from '../kernel/clock.ts';
import { randomText, sameSecret } from '../kernel/random.ts';
import type { EpochMs, Identity, Token } from '../kernel/words.ts';
import type { Ledger } from '../sessions/sessions.ts';
import { openFormRoom } from './form-room.ts';
import { personOf, typistOf, type Person } from './typist.ts';

/** A form as it was sent. */
export interface PostedForm {
  readonly app: string;
  readonly hostName: string;
  /** Origin-form, byte for byte. */
  readonly target: string;
  readonly contentType: string;
  readonly referer: string | undefined;
  readonly body: Buffer;
}

/** Where a kept form may be taken from: the browser it came from, on the same host. */
export interface FormPlace {
  readonly hostName: string;
  /** Hash of the nonce cookie on the app's host. */
  readonly bind: string;
}

/** Whose the form is, as seen by the person who has signed in. `unknown`: that person has to be asked. */
export type Ownership = 'own' | 'unknown' | 'another';

/** A form that waits. */
export interface KeptForm {
  readonly posted: PostedForm;
  readonly ownership: (identity: Identity) => Ownership;
}

/** How long a form waits. */
const FORM_KEPT_MS = 15 * 60_000;

/** What is kept, sealed by the ledger. */
interface Entry extends Omit<PostedForm, 'body'> {
  /** Base64. */
  readonly body: string;
  readonly bind: string;
  readonly typist: Person | undefined;
  readonly until: EpochMs;
}

/** Kept forms. Every method but `claim` and `free` rejects where the store cannot be asked. */
export type KeptForms = ReturnType<typeof openKeptForms>;

/** Makes it; the forms are in the ledger, and how much room they take is known to this process. */
export function openKeptForms({ ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock }) {
  const room = openFormRoom({ clock, lastsMs: FORM_KEPT_MS });

  async function read(id: string, { hostName, bind }: FormPlace): Promise<Entry | undefined> {
    const entry = (await ledger.read('form', id, clock.now())) as Entry | undefined;
    return entry !== undefined && entry.hostName === hostName && sameSecret(entry.bind, bind) ? entry : undefined;
  }

  return {
    /** Takes room for a form that is still to be read, and names it; undefined where there is none. */
    claim(address: string, bytes: number): string | undefined {
      const id = randomText();
      return room.claim(id, address, bytes) ? id : undefined;
    },

    /** Gives up what was claimed for a form that did not come. */
    free: (id: string): void => room.free(id),

    /** Keeps it under an id that was claimed. `token` is the cookie it came with, whose session is over. */
    async keep(id: string, posted: PostedForm, bind: string, token: Token | undefined): Promise<void> {
      const now = clock.now();
      const typist = await typistOf(ledger, token, now);
      const until = plus(now, FORM_KEPT_MS);
      const entry: Entry = { ...posted, body: posted.body.toString('base64'), bind, typist, until };
      await ledger.keep('form', id, entry, until);
    },

    /** The form, left where it is; undefined where it is gone or belongs to another browser. */
    async look(id: string, place: FormPlace): Promise<KeptForm | undefined> {
      const entry = await read(id, place);
      return entry && { posted: postedOf(entry), ownership: ownershipOf(entry) };
    },

    /**
     * The form, once: for exactly one caller, for the address it was sent to, and for nobody who is known to be somebody else than who
     * typed it.
     */
    async take(
      id: string,
      place: FormPlace & Pick<PostedForm, 'app' | 'target'>,
      identity: Identity,
    ): Promise<PostedForm | 'gone' | 'another'> {
      const found = await read(id, place);
      if (found === undefined || found.app !== place.app || found.target !== place.target) return 'gone';
      if (ownershipOf(found)(identity) === 'another') return 'another';
      const entry = (await ledger.take('form', id, clock.now())) as Entry | undefined;
      if (entry === undefined) return 'gone';
      room.free(id);
      return postedOf(entry);
    },

    /**
     * Keeps a form again that was taken, and that the app did not answer: the person decides whether it is sent once more. It takes room
     * as when it came, from `address`; where there is none it is gone.
     */
    async putBack(id: string, posted: PostedForm, bind: string, identity: Identity, address: string): Promise<void> {
      if (!room.claim(id, address, roomOf(posted))) return;
      const until = plus(clock.now(), FORM_KEPT_MS);
      const typist = personOf(identity);
      const entry: Entry = { ...posted, body: posted.body.toString('base64'), bind, typist, until };
      await ledger.keep('form', id, entry, until);
    },
  };
}

/** How much room a form takes. */
const roomOf = ({ target, contentType, referer = '', body }: PostedForm): number =>
  target.length + contentType.length + referer.length + body.length;

const postedOf = ({ app, hostName, target, contentType, referer, body }: Entry): PostedForm => ({
  app,
  hostName,
  target,
  contentType,
  referer,
  body: Buffer.from(body, 'base64'),
});

const ownershipOf =
  ({ typist }: Entry) =>
  (identity: Identity): Ownership => {
    const person = personOf(identity);
    if (typist === undefined || person === undefined) return 'unknown';
    return sameSecret(typist, person) ? 'own' : 'another';
  };

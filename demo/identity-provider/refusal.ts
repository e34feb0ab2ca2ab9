// Why this identity provider did not do what it was asked. The page shows the reason in full: it is a demonstration.

/** `message` is the whole reason, in a sentence. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

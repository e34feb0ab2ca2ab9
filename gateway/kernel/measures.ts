// What is counted, whoever adds it up: one method, so that a room can count without knowing of any metrics library.

/** Everything that is counted, with the labels each count carries. A label takes few values: never an address, an id or a person. */
export interface Counted {
  /** A request field that imitated an identity header of the app, and was removed. */
  readonly 'identity-header-forged': { readonly app: string };
  /** An app was told that a person has left. `outcome` is `told`, or why the app may not know. */
  readonly goodbye: { readonly app: string; readonly outcome: string };
}

/** Takes counts. Never throws and never waits: it is called on the way of a request. */
export interface Measures {
  /** One more of these. */
  count<Name extends keyof Counted>(name: Name, labels: Counted[Name]): void;
}

/** Counts nothing; for tests and for commands without metrics. */
export const uncounted: Measures = { count: () => {} };

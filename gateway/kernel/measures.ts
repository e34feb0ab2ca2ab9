// What is counted and timed, whoever adds it up, so that a room can measure without knowing of any metrics library.

/** Everything that is counted, with the labels each count carries. A label takes few values: never an address, an id or a person. */
export interface Counted {
  /** A request field that imitated an identity header of the app, and was removed. */
  readonly 'identity-header-forged': { readonly app: string };
  /** An app was told that a person has left. `outcome` is `told`, or why the app may not know. */
  readonly goodbye: { readonly app: string; readonly outcome: string };
  /** A limit was met (`limits` in gateway.yaml), `by` one address or all together. */
  readonly limited: {
    readonly what: 'sign-ins' | 'messages' | 'connections' | 'admin-tokens';
    readonly by: 'address' | 'all';
  };
  /** The configuration was read while the gateway ran. `result` is `applied`, `unchanged` or `refused`. */
  readonly reload: { readonly result: string };
  /** A call of the store was answered by an error. */
  readonly 'store-error': { readonly operation: string };
}

/** Everything that is timed. */
export interface Timed {
  /** A call of the store, however it was answered. */
  readonly store: { readonly operation: string };
}

/** Takes measurements. Never throws and never waits: it is called on the way of a request. */
export interface Measures {
  /** One more of these. */
  count<Name extends keyof Counted>(name: Name, labels: Counted[Name]): void;
  /** One of these has taken so long. */
  time<Name extends keyof Timed>(name: Name, labels: Timed[Name], milliseconds: number): void;
  /** One request to an app is over. Undefined: no status, because it was broken off. Allocates nothing. */
  served(app: string, status: number | undefined, milliseconds: number): void;
}

/** Measures nothing; for tests and for commands without metrics. */
export const uncounted: Measures = { count: () => {}, time: () => {}, served: () => {} };

/** Tells both. */
export const toBoth = (one: Measures, other: Measures): Measures => ({
  count: (name, labels) => {
    one.count(name, labels);
    other.count(name, labels);
  },
  time: (name, labels, milliseconds) => {
    one.time(name, labels, milliseconds);
    other.time(name, labels, milliseconds);
  },
  served: (app, status, milliseconds) => {
    one.served(app, status, milliseconds);
    other.served(app, status, milliseconds);
  },
});

// What a policy says of sign-in and sign-out, in the shape in which it is used.

/** A field of an app's sign-in form. */
export interface FieldSettings {
  readonly name: string;
  /** Text with `${nameId}`, `${idp}`, `${attributes.NAME}` and `${credentials.NAME}` in it. */
  readonly template: string;
}

/** How it is seen that the app has signed somebody in. */
export type SignedInWhen =
  | { readonly kind: 'cookie'; readonly cookie: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'text'; readonly text: string };

/** How it is seen that the app has ended its own session; either is enough. */
export interface ExpiredWhen {
  readonly statuses: readonly number[];
  /** A path, with its query where it has a `?`; a `*` at the end stands for any ending. */
  readonly redirect: string | undefined;
}

/** The app's goodbye: a call, or a page and what to follow on it. */
export type GoodbyeSettings =
  | { readonly kind: 'call'; readonly method: 'GET' | 'POST'; readonly path: string }
  | { readonly kind: 'follow'; readonly page: string; readonly follow: string };

/** One of the app's own addresses for signing out. */
export interface SignOutPath {
  /** Undefined: GET and POST. */
  readonly method: string | undefined;
  readonly path: string;
  /** What the query must contain. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

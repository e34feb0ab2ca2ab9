// The port through which other rooms judge what a configuration only carries.

/** What rooms other than this one know about the contents of a configuration; each says what is wrong, or undefined. */
export interface Judges {
  /** `signedBy` is PEM. */
  readonly idpMetadata: (
    text: string,
    wanted: { entityId?: string | undefined; signedBy?: string | undefined; artifacts?: boolean },
  ) => string | undefined;
  readonly template: (text: string) => string | undefined;
  /** Everything that is wrong with a folder of certificates. */
  readonly certificates: (folder: string) => readonly string[];
}

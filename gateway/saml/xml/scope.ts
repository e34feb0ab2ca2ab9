// What prefixes stand for at one place of a document, wherever that was declared. A chain to be walked cost 60 ms for a message of long prefixes.

/** The namespaces that hold at a place, by prefix; the default one under the empty prefix. */
export class Scope {
  readonly #uris: Map<string, string>;
  readonly #hidden: { readonly prefix: string; readonly uri: string | undefined }[] = [];

  constructor(around: Iterable<readonly [prefix: string, uri: string]>) {
    this.#uris = new Map(around);
  }

  /** How many declarations there are: for `leave`. */
  get size(): number {
    return this.#hidden.length;
  }

  /** Undefined where nobody has declared it. */
  uriOf(prefix: string): string | undefined {
    return this.#uris.get(prefix);
  }

  /** From here on a prefix stands for something else. */
  declare(prefix: string, uri: string): void {
    this.#hidden.push({ prefix, uri: this.#uris.get(prefix) });
    this.#uris.set(prefix, uri);
  }

  /** Prefixes stand again for what they stood for when there were `size` declarations. */
  leave(size: number): void {
    while (this.#hidden.length > size) {
      const last = this.#hidden.pop();
      if (last?.uri !== undefined) this.#uris.set(last.prefix, last.uri);
      else if (last !== undefined) this.#uris.delete(last.prefix);
    }
  }
}

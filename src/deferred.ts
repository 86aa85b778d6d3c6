/**
 * A promise that is made only when somebody asks for it.
 *
 * @module
 */

/** What will be known once, for those who ask: most connections are never asked when they ended. */
export class Deferred<T> {
  #resolvers: PromiseWithResolvers<T> | undefined;
  #settled: { readonly value: T } | undefined;

  /** The same promise for everybody; resolved already if `resolve` came first. It never rejects. */
  get promise(): Promise<T> {
    if (this.#resolvers === undefined) {
      this.#resolvers = Promise.withResolvers();
      if (this.#settled !== undefined) this.#resolvers.resolve(this.#settled.value);
    }
    return this.#resolvers.promise;
  }

  /** Settles it; only the first call counts. */
  resolve(value: T): void {
    this.#settled ??= { value };
    this.#resolvers?.resolve(value);
  }
}

/**
 * Something to wait at until somebody opens it, or says that it will never open.
 *
 * @module
 */

/** A gate that lets through all who wait, and closes again behind them. */
export class Gate {
  #opening: PromiseWithResolvers<void> | undefined;
  #error: Error | undefined;

  /** Resolves at the next `open`; rejects after `fail`, now and for ever. */
  wait(): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    this.#opening ??= Promise.withResolvers();
    return this.#opening.promise;
  }

  /** @throws what `fail` was given, if it was called. */
  throwIfFailed(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Lets everybody through who waits. */
  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Fails everybody who waits or will wait; only the first reason counts. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#opening?.reject(this.#error);
    this.#opening = undefined;
  }
}

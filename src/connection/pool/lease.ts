/**
 * A connection on loan from a pool.
 *
 * @module
 */

import type { Connection } from "../connection.ts";

/** What becomes of a connection that comes back. */
export type Returned = "reuse" | "discard";

/** A connection that is one's own until it is given back: `await using` does so. */
export class Lease implements AsyncDisposable {
  /** The connection. */
  readonly connection: Connection;
  #giveBack: ((returned: Returned) => void) | undefined;

  /** @ignore Leases come from a pool. */
  constructor(connection: Connection, giveBack: (returned: Returned) => void) {
    this.connection = connection;
    this.#giveBack = giveBack;
  }

  /** Gives it back: the next may have it. Handlers that were set on it must have been taken off. Safe to call twice. */
  release(): void {
    this.#end("reuse");
  }

  /** Gives it back to be closed: it is not what the next should have. Safe to call twice. */
  discard(): void {
    this.#end("discard");
  }

  /** Gives it back. */
  [Symbol.asyncDispose](): Promise<void> {
    this.release();
    return Promise.resolve();
  }

  #end(returned: Returned): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.(returned);
  }
}

/**
 * The sessions of a listener that may go on over another link, by the tokens that their initiators show.
 *
 * @module
 */

import type { Claim } from "../session/mod.ts";
import type { Connection } from "./connection.ts";

/** Finds who is meant by a claim. */
export class ResumableConnections {
  readonly #connections: Map<string, Connection> = new Map();
  readonly #names: Map<Connection, readonly string[]> = new Map();

  /** A connection is open, or goes on: it may be claimed with its tokens of now. */
  add(connection: Connection): void {
    const names = connection.tokens.map(nameOf);
    if (names.length === 0 || connection.isClosed) return;
    this.delete(connection);
    this.#names.set(connection, names);
    for (const name of names) this.#connections.set(name, connection);
  }

  /** A connection has ended. */
  delete(connection: Connection): void {
    for (const name of this.#names.get(connection) ?? []) this.#connections.delete(name);
    this.#names.delete(connection);
  }

  /** Whose session a peer claims; `undefined` if there is none that it may have. */
  find(claim: Claim, peerId: string): Connection | undefined {
    const connection = this.#connections.get(nameOf(claim.token));
    return connection?.admits(claim, peerId) === true ? connection : undefined;
  }
}

function nameOf(token: Uint8Array): string {
  // A quarter of the token is enough to look for, and tells nothing of the rest, which is compared in constant time.
  return new DataView(token.buffer, token.byteOffset).getBigUint64(0).toString(36);
}

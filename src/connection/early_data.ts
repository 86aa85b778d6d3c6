/**
 * Early data: a message that leaves with the first packet of a handshake, before the listener has said a word.
 *
 * @module
 */

import { type EarlyData, EarlyGuard, type Peer } from "../session/mod.ts";
import type { BaseConnection } from "./base_connection.ts";
import { wallClock } from "./clock.ts";

/** Where early data comes from. */
export interface EarlyDataInfo {
  /** Whose it is. It was said by the owner of this id, who need not be the one that sends it now. */
  readonly peer: Peer;
  /** Where it came from, as a URL. */
  readonly remoteAddress: string;
}

/**
 * Takes early data. If it throws, the connection to be ends.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen("mem://early-example", {
 *   onEarlyData: (bytes, { peer }) => console.log(peer.id, "asks for", new TextDecoder().decode(bytes)),
 * });
 *
 * const earlyData = new TextEncoder().encode("the weather of today");
 * await using connection = await connect(server.urls, { handshake: "IK", earlyData });
 * if (!connection.isEarlyDataTaken) connection.send(earlyData);
 * ```
 */
export type EarlyDataHandler = (bytes: Uint8Array, info: EarlyDataInfo) => void;

/** Where a listener takes early data, for all its connections. */
export class EarlyDoor {
  readonly #handler: EarlyDataHandler;
  #guard: EarlyGuard | undefined;

  /** With `isKeyNew` nobody can have recorded anything that was meant for it. */
  constructor(handler: EarlyDataHandler, isKeyNew: boolean) {
    this.#handler = handler;
    const startedAt = wallClock();
    // Workers of Cloudflare have no clock while a module loads: there it begins with the first that comes.
    if (isKeyNew || startedAt > 0) this.#guard = new EarlyGuard(isKeyNew ? -Infinity : startedAt);
  }

  /** Hands it out, if it comes for the first time. Returns whether it did. */
  take(early: EarlyData, connection: BaseConnection): boolean {
    const time = wallClock();
    this.#guard ??= new EarlyGuard(time);
    if (!this.#guard.admit(early, time)) return false;
    const { peer, remoteAddress } = connection;
    try {
      this.#handler(early.bytes, { peer, remoteAddress });
    } catch (cause) {
      void connection.abort(`the handler of early data threw: ${cause}`);
    }
    return true;
  }
}

/**
 * Which peer was seen at an address first.
 *
 * @module
 */

/** Remembers peers by their addresses, which are URLs without peer id and query: `tcp://host:7000`. */
export interface KnownPeers {
  /** The id of the peer that was seen at the address; `undefined` if none was. */
  find(address: string): string | undefined | Promise<string | undefined>;
  /** Remembers the first peer of an address. */
  remember(address: string, peerId: string): void | Promise<void>;
}

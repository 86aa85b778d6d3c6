/**
 * Whom a client expects at an address, and what it thinks of whoever is there.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Address } from "../link.ts";
import { type HandshakeTerms, parsePeerId, type Peer } from "../session/mod.ts";
import type { KnownPeers } from "./known_peers.ts";
import type { ConnectOptions } from "./options.ts";
import { initiatorTerms } from "./terms.ts";

/** What is expected at one address. */
export class Expectation {
  readonly #address: Address;
  readonly #options: ConnectOptions;
  readonly #ids: ReadonlySet<string>;
  readonly #known: KnownPeers | undefined;

  /**
   * With `known`, where `trust` is `"first-use"`.
   * @throws {HawserError} `not-authorised` where nothing is expected, `invalid-address` for an id that is none.
   * @throws {TypeError} {RangeError} for options that cannot be.
   */
  constructor(address: Address, options: ConnectOptions, known: KnownPeers | undefined) {
    this.#address = address;
    this.#options = options;
    this.#ids = expectedIds(address, options);
    this.#known = this.#ids.size === 0 && options.trust === "first-use" ? known : undefined;
    requireExpectation(address, options, this.#ids);
    this.#termsFor(undefined);
  }

  /** The handshake to begin with. */
  async terms(): Promise<HandshakeTerms> {
    return this.#termsFor(await this.#known?.find(this.#place));
  }

  /**
   * Whether this is the peer, or one of those, that was expected.
   * @throws {HawserError} `not-authorised` if it is another one than was seen there first.
   */
  decide(peer: Peer): boolean | Promise<boolean> {
    if (this.#ids.has(peer.id)) return true;
    if (this.#known !== undefined) return this.#decideFirstUse(peer, this.#known);
    const { trust, seed } = this.#options;
    if (typeof trust === "function") return trust(peer);
    // Whoever has the seed is one of those who were meant, where nobody is named.
    return seed !== undefined && this.#ids.size === 0;
  }

  async #decideFirstUse(peer: Peer, known: KnownPeers): Promise<boolean> {
    const seen = await known.find(this.#place);
    if (seen === undefined) await known.remember(this.#place, peer.id);
    else if (seen !== peer.id) {
      throw new HawserError(
        "not-authorised",
        `${this.#place} is not the peer that was seen there first: that was ${seen}, and this is ${peer.id}. Somebody ` +
          "may sit in between; if it really has a new identity, take the old one away from the known peers",
      );
    }
    return true;
  }

  // Whoever is met for the first time cannot be called by its key.
  #termsFor(seen: string | undefined): HandshakeTerms {
    const isNew = this.#known !== undefined && seen === undefined && this.#options.handshake === "IK";
    const options: ConnectOptions = isNew ? { ...this.#options, handshake: "XX" } : this.#options;
    return initiatorTerms(options, seen === undefined ? this.#ids : new Set([seen]));
  }

  get #place(): string {
    return this.#address.href.replace(/\?.*/, "");
  }
}

function expectedIds(address: Address, { expect = [] }: ConnectOptions): Set<string> {
  const ids = new Set(typeof expect === "string" ? [expect] : expect);
  if (address.peerId !== undefined) ids.add(address.peerId);
  for (const id of ids) parsePeerId(id);
  return ids;
}

function requireExpectation(address: Address, options: ConnectOptions, ids: ReadonlySet<string>): void {
  const { trust, knownPeers, seed, handshake } = options;
  if (trust === "first-use" && (knownPeers === undefined || handshake === "NN")) {
    throw new TypeError(
      knownPeers === undefined
        ? 'trust: "first-use" needs knownPeers: the path of the file that remembers them'
        : 'trust: "first-use" has nothing to remember of the handshake "NN", in which nobody has a key',
    );
  }
  if (ids.size > 0 || trust !== undefined || seed !== undefined) return;
  throw new HawserError(
    "not-authorised",
    `nothing says who ${address.href} must be: write "#" and its peer id behind the address, or give expect, trust or a seed`,
  );
}

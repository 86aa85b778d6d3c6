/**
 * The gate of a datagram listener: which strangers it answers, and how.
 *
 * A source address may be forged. So a handshake that begins costs one bounded
 * entry, the answers are at most three times what was received, and under load
 * an address must be proved by a cookie before anything is kept for it. Whoever
 * has proved an address pushes out the oldest of those who have not.
 *
 * Holds no timer and reads no clock: `now` is passed in, in milliseconds, and
 * `deadline` says when to come back. All is O(1) per packet.
 *
 * @module
 */

import { type AdmissionLimits, AMPLIFICATION_MAX } from "../limits.ts";
import { COOKIE_BYTES, HANDSHAKE_PREFIX_BYTES, HEADER_BYTES } from "../wire/header.ts";
import { CookieJar } from "./cookie.ts";
import { HalfOpen, HalfOpenQueue } from "./half_open.ts";
import { networkOf } from "./network_of.ts";

export type { AdmissionLimits } from "../limits.ts";

/**
 * What to do with an INIT. `accept`: an entry was made, begin a handshake. `known`: it repeats one that has an
 * entry, hand it there. `retry`: answer with a RETRY packet that carries `retryCookie`, and keep nothing. `drop`.
 */
export type AdmissionDecision = "accept" | "known" | "retry" | "drop";

/** What an admission is made of. */
export interface AdmissionOptions {
  /** See `ADMISSION_LIMITS`. */
  readonly limits: AdmissionLimits;
  /** 32 random bytes; copied. */
  readonly secret: Uint8Array;
}

/** Bytes of a RETRY packet. */
const RETRY_BYTES = HEADER_BYTES + HANDSHAKE_PREFIX_BYTES + COOKIE_BYTES;

/** Decides on the handshakes of one datagram listener. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #jar: CookieJar;
  readonly #all = new HalfOpenQueue();
  // Invariant: holds exactly the networks that have an entry in `#all`.
  readonly #networks = new Map<string, HalfOpenQueue>();
  #pushedOut: HalfOpen[] = [];

  /** @throws {RangeError} for a secret that is not 32 bytes. */
  constructor({ limits, secret }: AdmissionOptions) {
    this.#limits = limits;
    this.#jar = new CookieJar(secret, limits.cookieMsMax);
  }

  /** Half-open handshakes. */
  get size(): number {
    return this.#all.size;
  }

  /** Whether an INIT without a good cookie is answered with one. */
  get loaded(): boolean {
    return this.#all.size >= this.#limits.cookieLoad * this.#limits.halfOpenMax;
  }

  /** Judges an INIT packet of `bytesReceived` bytes, header included. */
  handleInit(
    addressKey: string,
    handshakeId: Uint8Array,
    cookie: Uint8Array | undefined,
    bytesReceived: number,
    now: number,
  ): AdmissionDecision {
    const key = halfOpenKey(addressKey, handshakeId);
    const known = this.#all.find(key);
    const proved = cookie !== undefined && this.#jar.check(cookie, addressKey, handshakeId, now);
    if (known !== undefined) {
      if (proved) known.prove();
      return "known";
    }
    if (!proved && (this.loaded || this.#crowdOf(addressKey) >= this.#limits.halfOpenPerAddressMax)) {
      return RETRY_BYTES <= AMPLIFICATION_MAX * bytesReceived ? "retry" : "drop";
    }
    this.#makeRoom();
    const entry = new HalfOpen(addressKey, key, now + this.#limits.handshakeMsMax, proved);
    this.#add(entry);
    return "accept";
  }

  /** The 32 bytes of the RETRY packet that answers an INIT. */
  retryCookie(addressKey: string, handshakeId: Uint8Array, now: number): Uint8Array {
    return this.#jar.make(addressKey, handshakeId, now);
  }

  /** The entry of a handshake. */
  find(addressKey: string, handshakeId: Uint8Array): HalfOpen | undefined {
    return this.#all.find(halfOpenKey(addressKey, handshakeId));
  }

  /** The handshake is complete, or has failed: its entry goes. Safe to call twice. */
  complete(addressKey: string, handshakeId: Uint8Array): void {
    const entry = this.find(addressKey, handshakeId);
    if (entry !== undefined) this.#remove(entry);
  }

  /** The entries that ended since the last call: pushed out by others, or past their deadline. */
  expire(now: number): HalfOpen[] {
    const ended = this.#pushedOut;
    this.#pushedOut = [];
    for (let oldest = this.#all.oldest(); oldest !== undefined; oldest = this.#all.oldest()) {
      if (now < oldest.deadline) break;
      this.#remove(oldest);
      ended.push(oldest);
    }
    return ended;
  }

  /** The earliest `now` at which `expire` has something to give; `Infinity` if nothing waits. */
  deadline(now: number): number {
    if (this.#pushedOut.length > 0) return now;
    return this.#all.oldest()?.deadline ?? Infinity;
  }

  /**
   * Makes new cookies with another secret of 32 random bytes; those of the one before stay good until they expire.
   * Not more often than every `cookieMsMax`, or honest initiators come too late.
   */
  rotate(secret: Uint8Array): void {
    this.#jar.rotate(secret);
  }

  /** Wipes the secrets and forgets everybody. */
  dispose(): void {
    this.#jar.dispose();
    this.expire(Infinity);
  }

  #crowdOf(addressKey: string): number {
    return this.#networks.get(networkOf(addressKey))?.size ?? 0;
  }

  /** Ends whoever must go so that one more fits: of those who have proved nothing, if there are any. */
  #makeRoom(): void {
    if (this.#all.size >= this.#limits.halfOpenMax) this.#pushOut(this.#all.leastDeserving());
  }

  #pushOut(entry: HalfOpen | undefined): void {
    if (entry === undefined) return;
    this.#remove(entry);
    this.#pushedOut.push(entry);
  }

  #add(entry: HalfOpen): void {
    const network = networkOf(entry.addressKey);
    let crowd = this.#networks.get(network);
    if (crowd === undefined) this.#networks.set(network, crowd = new HalfOpenQueue());
    crowd.add(entry);
    this.#all.add(entry);
  }

  #remove(entry: HalfOpen): void {
    if (!this.#all.remove(entry)) return;
    const network = networkOf(entry.addressKey);
    const crowd = this.#networks.get(network)!;
    crowd.remove(entry);
    if (crowd.size === 0) this.#networks.delete(network);
  }
}

/** The key of a half-open handshake: unique per address and handshake id. */
export function halfOpenKey(addressKey: string, handshakeId: Uint8Array): string {
  return `${String.fromCharCode(...handshakeId)}${addressKey}`;
}

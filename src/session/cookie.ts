/**
 * Stateless proof that an initiator receives what is sent to its address.
 *
 * A cookie is HMAC-SHA256(secret, time bucket ‖ handshake id ‖ address). Whoever
 * sends it back has received it at that address, for that handshake, not long
 * ago; nothing is kept to know so (the idea of RFC 6347 §4.2.1 and RFC 9000 §8.1).
 *
 * @module
 */

import { constantTimeEqual } from "../noise/constant_time.ts";
import { hmacSha256 } from "../noise/hash.ts";
import { COOKIE_BYTES } from "../wire/header.ts";

/** Bytes of a secret. */
export const COOKIE_SECRET_BYTES = 32;

const encoder = new TextEncoder();

/** Makes and checks the cookies of one listener. Times are milliseconds on the caller's clock. */
export class CookieJar {
  readonly #bucketMs: number;
  #secret: Uint8Array;
  #previous: Uint8Array | undefined;

  /**
   * A cookie is good for at least half of `cookieMsMax`, and never for longer than that. `secret` is copied.
   * @throws {RangeError} for a secret that is not 32 bytes.
   */
  constructor(secret: Uint8Array, cookieMsMax: number) {
    this.#bucketMs = cookieMsMax / 2;
    this.#secret = checked(secret);
  }

  /** The cookie of one handshake, 32 bytes. */
  make(address: string, handshakeId: Uint8Array, now: number): Uint8Array {
    return this.#make(this.#secret, address, handshakeId, this.#bucket(now));
  }

  /** Whether `cookie` was made for this address and handshake, by one of the two secrets, and has not expired. */
  check(cookie: Uint8Array, address: string, handshakeId: Uint8Array, now: number): boolean {
    if (cookie.length !== COOKIE_BYTES) return false;
    const bucket = this.#bucket(now);
    for (const secret of [this.#secret, this.#previous]) {
      if (secret === undefined) continue;
      for (const made of [bucket, bucket - 1]) {
        if (constantTimeEqual(cookie, this.#make(secret, address, handshakeId, made))) return true;
      }
    }
    return false;
  }

  /**
   * New cookies are made with `secret`; those of the one before are still good, those of the one before that are
   * not: its bytes are wiped. `secret` is copied.
   * @throws {RangeError} for a secret that is not 32 bytes.
   */
  rotate(secret: Uint8Array): void {
    const next = checked(secret);
    this.#previous?.fill(0);
    this.#previous = this.#secret;
    this.#secret = next;
  }

  /** Wipes the secrets: no cookie is good any more. */
  dispose(): void {
    this.#secret.fill(0);
    this.#previous?.fill(0);
    this.#previous = undefined;
  }

  #bucket(now: number): number {
    return Math.floor(now / this.#bucketMs);
  }

  #make(secret: Uint8Array, address: string, handshakeId: Uint8Array, bucket: number): Uint8Array {
    const head = new Uint8Array(8 + handshakeId.length);
    new DataView(head.buffer).setFloat64(0, bucket);
    head.set(handshakeId, 8);
    return hmacSha256(secret, head, encoder.encode(address)).subarray(0, COOKIE_BYTES);
  }
}

function checked(secret: Uint8Array): Uint8Array {
  if (secret.length === COOKIE_SECRET_BYTES) return new Uint8Array(secret);
  throw new RangeError(`a cookie secret has ${secret.length} bytes; it must have ${COOKIE_SECRET_BYTES}`);
}

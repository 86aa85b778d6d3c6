/**
 * The CipherState of Noise (§5.1): one key and the nonce of the next message.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { NOISE_MESSAGE_BYTES_MAX } from "../limits.ts";
import { decrypt, encrypt, type NoiseAead, rekey, REKEY_NONCE, TAG_BYTES } from "./cipher.ts";

/**
 * Seals or opens messages, in order, with one key.
 *
 * @example
 * ```ts
 * import { createHandshake } from "@hawser/hawser/noise";
 *
 * const psks = [new Uint8Array(32)];
 * const client = createHandshake({ protocolName: "Noise_NNpsk0_25519_ChaChaPoly_SHA256", initiator: true, psks });
 * const server = createHandshake({ protocolName: "Noise_NNpsk0_25519_ChaChaPoly_SHA256", initiator: false, psks });
 * server.readMessage(client.writeMessage());
 * client.readMessage(server.writeMessage());
 *
 * const [sending] = client.split();
 * const [receiving] = server.split();
 * const nothing = new Uint8Array(0);
 * console.log(receiving.decrypt(nothing, sending.encrypt(nothing, Uint8Array.of(1, 2, 3)))); // 1, 2, 3
 * ```
 */
export class CipherState {
  readonly #aead: NoiseAead;
  #key: Uint8Array | undefined;
  #nonce = 0n;
  #disposed = false;

  /** InitializeKey: takes over `key`; without one, text passes unsealed, as §5.1 has it during a handshake. */
  constructor(aead: NoiseAead, key?: Uint8Array) {
    this.#aead = aead;
    this.#key = key;
  }

  /** HasKey. */
  get hasKey(): boolean {
    return this.#key !== undefined;
  }

  /** The nonce of the next message, below 2^64. */
  get nonce(): bigint {
    return this.#nonce;
  }

  /**
   * SetNonce: for messages that may be lost or arrive out of order.
   * @throws {RangeError} outside 0 to 2^64 - 1.
   */
  set nonce(nonce: bigint) {
    if (nonce < 0n || nonce > REKEY_NONCE) throw new RangeError(`a nonce is 0 to 2^64 - 1, not ${nonce}`);
    this.#nonce = nonce;
  }

  /**
   * EncryptWithAd: seals `plaintext` and `ad`, 16 bytes longer.
   *
   * @throws {HawserError} `exhausted` when no nonce is left; the last one, 2^64 - 1, is reserved.
   * @throws {RangeError} if the message would be over 65,535 bytes.
   */
  encrypt(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    this.#requireLive();
    if (this.#key === undefined) return new Uint8Array(plaintext);
    if (plaintext.length > NOISE_MESSAGE_BYTES_MAX - TAG_BYTES) {
      throw new RangeError(
        `a Noise message is at most 65535 bytes with its tag; the text has ${plaintext.length}`,
      );
    }
    this.#requireNonce();
    const ciphertext = encrypt(this.#aead, this.#key, this.#nonce, ad, plaintext);
    this.#nonce++;
    return ciphertext;
  }

  /**
   * DecryptWithAd: opens what `encrypt` sealed. A failure changes nothing.
   *
   * @throws {HawserError} `open-failed` for any other bytes; `exhausted` when no nonce is left.
   */
  decrypt(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    this.#requireLive();
    if (this.#key === undefined) return new Uint8Array(ciphertext);
    this.#requireNonce();
    let plaintext: Uint8Array;
    try {
      if (ciphertext.length > NOISE_MESSAGE_BYTES_MAX) throw new RangeError("too long");
      plaintext = decrypt(this.#aead, this.#key, this.#nonce, ad, ciphertext);
    } catch {
      throw new HawserError(
        "open-failed",
        "the message does not open: it was changed, is out of order, or was sealed with another key",
      );
    }
    this.#nonce++;
    return plaintext;
  }

  /** Rekey: replaces the key by one that does not tell it; the nonce runs on. */
  rekey(): void {
    this.#requireLive();
    if (this.#key === undefined) throw new TypeError("there is no key to replace");
    const next = rekey(this.#aead, this.#key);
    this.#key.fill(0);
    this.#key = next;
  }

  /** An independent copy, with a key of its own. Only one of the two may go on to seal. */
  clone(): CipherState {
    const copy = new CipherState(this.#aead, this.#key?.slice());
    copy.#nonce = this.#nonce;
    copy.#disposed = this.#disposed;
    return copy;
  }

  /** Wipes the key; every later use is an error. Safe to call twice. */
  dispose(): void {
    this.#key?.fill(0);
    this.#key = undefined;
    this.#disposed = true;
  }

  #requireLive(): void {
    if (this.#disposed) {
      throw new TypeError("this cipher has no key any more, or its direction does not exist");
    }
  }

  #requireNonce(): void {
    if (this.#nonce === REKEY_NONCE) {
      throw new HawserError("exhausted", "the key has used all of its nonces; begin a new handshake");
    }
  }
}

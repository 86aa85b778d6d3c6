/**
 * The SymmetricState of Noise (§5.2): chaining key, handshake hash, and the key of the moment.
 *
 * @module
 */

import { CIPHER_KEY_BYTES, type NoiseAead } from "./cipher.ts";
import { CipherState } from "./cipher_state.ts";
import { type NoiseHash, noiseHkdf } from "./hash.ts";
import type { Protocol } from "./protocol.ts";

/** All the symmetric cryptography of a handshake. */
export class SymmetricState {
  readonly #aead: NoiseAead;
  readonly #hash: NoiseHash;
  #chainingKey: Uint8Array;
  #handshakeHash: Uint8Array;
  #cipher: CipherState;

  private constructor(
    aead: NoiseAead,
    hash: NoiseHash,
    chainingKey: Uint8Array,
    handshakeHash: Uint8Array,
    cipher: CipherState,
  ) {
    this.#aead = aead;
    this.#hash = hash;
    this.#chainingKey = chainingKey;
    this.#handshakeHash = handshakeHash;
    this.#cipher = cipher;
  }

  /** InitializeSymmetric: a short protocol name is padded with zeros, a long one is hashed. */
  static initialize({ name: protocolName, aead, hash }: Protocol): SymmetricState {
    const name = new TextEncoder().encode(protocolName);
    let handshakeHash = new Uint8Array(hash.hashLength);
    if (name.length <= hash.hashLength) handshakeHash.set(name);
    else handshakeHash = new Uint8Array(hash.hash(name));
    return new SymmetricState(aead, hash, handshakeHash.slice(), handshakeHash, new CipherState(aead));
  }

  /** The transcript so far, HASHLEN bytes; the caller does not change it. */
  get handshakeHash(): Uint8Array {
    return this.#handshakeHash;
  }

  /** Whether what is sent now is sealed. */
  get hasKey(): boolean {
    return this.#cipher.hasKey;
  }

  /** MixKey. */
  mixKey(inputKeyMaterial: Uint8Array): void {
    const [chainingKey, key] = noiseHkdf(this.#hash, this.#chainingKey, inputKeyMaterial, 2);
    this.#replace(chainingKey, key);
  }

  /** MixHash. */
  mixHash(data: Uint8Array): void {
    this.#handshakeHash = this.#hash.hash(this.#handshakeHash, data);
  }

  /** MixKeyAndHash, for pre-shared keys (§9.2). */
  mixKeyAndHash(inputKeyMaterial: Uint8Array): void {
    const [chainingKey, hashInput, key] = noiseHkdf(this.#hash, this.#chainingKey, inputKeyMaterial, 3);
    this.mixHash(hashInput);
    this.#replace(chainingKey, key);
  }

  /** EncryptAndHash. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher.encrypt(this.#handshakeHash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** DecryptAndHash. @throws {HawserError} `open-failed` */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher.decrypt(this.#handshakeHash, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** Split: the key of the initiator's messages, then that of the responder's, 32 bytes each. */
  split(): [Uint8Array, Uint8Array] {
    const [first, second] = noiseHkdf(this.#hash, this.#chainingKey, new Uint8Array(0), 2);
    return [first.slice(0, CIPHER_KEY_BYTES), second.slice(0, CIPHER_KEY_BYTES)];
  }

  /** An independent copy. Only one of the two may go on to seal. */
  clone(): SymmetricState {
    return new SymmetricState(
      this.#aead,
      this.#hash,
      this.#chainingKey.slice(),
      this.#handshakeHash.slice(),
      this.#cipher.clone(),
    );
  }

  /** Wipes the keys; the handshake hash, which is not secret, stays. Safe to call twice. */
  dispose(): void {
    this.#chainingKey.fill(0);
    this.#cipher.dispose();
  }

  #replace(chainingKey: Uint8Array, key: Uint8Array): void {
    this.dispose();
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(this.#aead, key.slice(0, CIPHER_KEY_BYTES));
    key.fill(0);
  }
}

/**
 * A key encapsulation mechanism, for the hfs modifier of Noise: a second agreement of keys beside X25519.
 *
 * @module
 */

/** Encapsulates keys. Randomness is passed in; sizes are bytes. */
export interface Kem {
  /** How protocol names call it, behind `25519+`. */
  readonly name: string;
  /** What `generate` makes for others. */
  readonly publicKeyBytes: number;
  /** What `encapsulate` sends back. */
  readonly ciphertextBytes: number;
  /** What `generate` takes. */
  readonly seedBytes: number;
  /** What `encapsulate` takes. */
  readonly randomBytes: number;
  /** A key pair from random bytes. */
  generate(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** A new secret of 32 bytes, and how its owner learns it. Throws for a public key that is none. */
  encapsulate(
    publicKey: Uint8Array,
    random: Uint8Array,
  ): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array };
  /** The secret that the ciphertext is for. */
  decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array;
}

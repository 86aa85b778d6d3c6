/**
 * The AEADs of the reference codec: @noble/ciphers with Hawser's errors and outputs.
 *
 * @module
 */

import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { badTag } from "./bad_tag.ts";
import { checkBytes, KEY_BYTES, outputOf, TAG_BYTES } from "./arguments.ts";
import type { Aead } from "./codec.ts";

type NobleAead = typeof chacha20poly1305 | typeof xchacha20poly1305;

/** ChaCha20-Poly1305 (RFC 8439). */
export function referenceChacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
  checkBytes("nonce", nonce, 12);
  return referenceAead(chacha20poly1305, key, nonce, aad);
}

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). */
export function referenceXchacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
  checkBytes("nonce", nonce, 24);
  return referenceAead(xchacha20poly1305, key, nonce, aad);
}

function referenceAead(noble: NobleAead, key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
  checkBytes("key", key, KEY_BYTES);
  if (aad !== undefined) checkBytes("aad", aad);
  const [ownKey, ownNonce, ownAad] = [new Uint8Array(key), new Uint8Array(nonce), aad && new Uint8Array(aad)];
  return {
    encrypt(plaintext, output) {
      checkBytes("plaintext", plaintext);
      const target = outputOf(plaintext.length + TAG_BYTES, output);
      target.set(noble(ownKey, ownNonce, ownAad).encrypt(new Uint8Array(plaintext)));
      return target;
    },
    decrypt(ciphertext, output) {
      checkBytes("ciphertext", ciphertext);
      if (ciphertext.length < TAG_BYTES) throw badTag();
      const target = outputOf(ciphertext.length - TAG_BYTES, output);
      target.set(decryptOrThrow(noble, ownKey, ownNonce, ownAad, new Uint8Array(ciphertext)));
      return target;
    },
  };
}

function decryptOrThrow(
  noble: NobleAead,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array | undefined,
  ciphertext: Uint8Array,
): Uint8Array {
  try {
    return noble(key, nonce, aad).decrypt(ciphertext);
  } catch (cause) {
    throw badTag(cause);
  }
}

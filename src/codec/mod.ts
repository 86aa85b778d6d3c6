/**
 * The byte engine by itself: authenticated encryption and LZ4, on the WebAssembly core where it can be
 * compiled, else on a readable reference.
 *
 * @example
 * ```ts
 * import { chacha20poly1305, lz4CompressFrame, lz4DecompressFrame } from "@hawser/hawser/codec";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const nonce = new Uint8Array(12); // Never twice with one key.
 * const sealed = chacha20poly1305(key, nonce).encrypt(new TextEncoder().encode("hello"));
 * const text = chacha20poly1305(key, nonce).decrypt(sealed);
 *
 * const frame = lz4CompressFrame(text);
 * console.log(new TextDecoder().decode(lz4DecompressFrame(frame, 1_000_000))); // hello
 * ```
 *
 * @module
 */

import type { Aead } from "./codec.ts";
import { pickCodec } from "./pick.ts";

export type {
  Aead,
  Codec,
  LaneOptions,
  Opener,
  PacketCodec,
  PacketReader,
  Primitives,
  Reassembler,
  ReassemblyLimits,
  ReassemblyResult,
  Sealer,
  SealOptions,
} from "./codec.ts";
export { createCodec } from "./pick.ts";

/**
 * ChaCha20-Poly1305 (RFC 8439) for one 32-byte key and 12-byte nonce. The ciphertext is the text
 * followed by its 16-byte tag. A nonce must never seal two different texts with one key.
 *
 * Input and output may overlap. `decrypt` throws a `HawserError` with the code `open-failed` for a wrong
 * tag, and writes nothing into `output` then.
 *
 * @throws {RangeError} for a key, nonce or output of the wrong length.
 */
export function chacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
  return pickCodec().chacha20poly1305(key, nonce, aad);
}

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): as `chacha20poly1305`, with a 24-byte nonce, long
 * enough to be chosen at random.
 *
 * @throws {RangeError} for a key, nonce or output of the wrong length.
 */
export function xchacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
  return pickCodec().xchacha20poly1305(key, nonce, aad);
}

/**
 * Compresses into one LZ4 block, in `output` if given; the part that was written is returned.
 *
 * @throws {RangeError} if `output` is too small; `n + n / 255 + 16` bytes are enough for `n`.
 */
export function lz4CompressBlock(source: Uint8Array, output?: Uint8Array): Uint8Array {
  return pickCodec().lz4CompressBlock(source, output);
}

/**
 * Decompresses one LZ4 block, in `output` if given; the part that was written is returned.
 *
 * @throws {HawserError} `compression` for a damaged block, or one of more than `sizeMax` bytes; `output` is then untouched.
 * @throws {RangeError} if `output` has less than `sizeMax` bytes.
 */
export function lz4DecompressBlock(block: Uint8Array, sizeMax: number, output?: Uint8Array): Uint8Array {
  return pickCodec().lz4DecompressBlock(block, sizeMax, output);
}

/** Compresses into the LZ4 frame format, with content size and checksums: what the `lz4` command reads. */
export function lz4CompressFrame(source: Uint8Array): Uint8Array {
  return pickCodec().lz4CompressFrame(source);
}

/**
 * Decompresses one or more LZ4 frames, as the `lz4` command makes them.
 *
 * @throws {HawserError} `compression` for damage, a wrong checksum, or more than `sizeMax` bytes.
 */
export function lz4DecompressFrame(frame: Uint8Array, sizeMax: number): Uint8Array {
  return pickCodec().lz4DecompressFrame(frame, sizeMax);
}

/**
 * The AEADs of the WebAssembly core. Short texts take one call. Long ones go to the runtime's own cipher where there
 * is one, because it is faster there; else, over 64 KiB, through the work arena piece by piece, so that any size
 * needs no more memory than its input and output.
 *
 * @module
 */

import type { NativeAead } from "../native.ts";
import { checkBytes, KEY_BYTES, outputOf, TAG_BYTES } from "./arguments.ts";
import type { Aead } from "./codec.ts";
import { badTag } from "./reference_aead.ts";
import type { WasmCore } from "./wasm_core.ts";

/** Bytes of one piece: a whole number of ChaCha20 blocks. */
const PIECE_BYTES = 65_536;
const BLOCK_BYTES = 64;

/**
 * From here on the runtime's own cipher takes a text. Measured on Node and Deno: the core is faster at 16 KiB, both are
 * as fast at 32 KiB, and at 64 KiB the runtime's is 1.3 times as fast on Node and 1.05 times on Deno.
 */
export const NATIVE_BYTES_MIN = 49_152;

/** Where nonce and associated data lie behind the key; see the map in wasm/assembly/memory.ts. */
const NONCE_AT = KEY_BYTES;
const AAD_AT = NONCE_AT + 24;

/** Seals and opens with one key and nonce on the instance that `core` gives. */
export class WasmAead implements Aead {
  readonly #core: () => WasmCore;
  readonly #native: NativeAead | null;
  /** 1 for the nonce of 24 bytes. */
  readonly #extended: 0 | 1;
  /** Key, nonce and associated data as the core wants them: one array, because each costs an allocation. */
  readonly #setup: Uint8Array;
  readonly #aadLength: number;

  constructor(
    core: () => WasmCore,
    native: NativeAead | null,
    key: Uint8Array,
    nonce: Uint8Array,
    aad?: Uint8Array,
  ) {
    checkBytes("key", key, KEY_BYTES);
    if (aad !== undefined) checkBytes("aad", aad);
    this.#core = core;
    this.#native = native;
    this.#extended = nonce.length === 24 ? 1 : 0;
    this.#aadLength = aad === undefined ? 0 : aad.length;
    this.#setup = new Uint8Array(AAD_AT + this.#aadLength);
    this.#setup.set(key);
    this.#setup.set(nonce, NONCE_AT);
    if (aad !== undefined) this.#setup.set(aad, AAD_AT);
    // Taken off the object, they work all the same.
    this.encrypt = this.encrypt.bind(this);
    this.decrypt = this.decrypt.bind(this);
  }

  encrypt(plaintext: Uint8Array, output?: Uint8Array): Uint8Array {
    checkBytes("plaintext", plaintext);
    const length = plaintext.length + TAG_BYTES;
    const target = output === undefined ? undefined : outputOf(length, output);
    const core = this.#core();
    try {
      if (this.#small(core, plaintext.length)) {
        this.#load(core, plaintext);
        core.exports.sealOnce(this.#extended, this.#aadLength, plaintext.length);
        return result(core, core.map.work, length, target);
      }
      return this.#encryptLong(core, plaintext, target ?? new Uint8Array(length));
    } catch (cause) {
      throw core.discard(cause);
    }
  }

  decrypt(ciphertext: Uint8Array, output?: Uint8Array): Uint8Array {
    checkBytes("ciphertext", ciphertext);
    const length = ciphertext.length - TAG_BYTES;
    if (length < 0) throw badTag();
    const target = output === undefined ? undefined : outputOf(length, output);
    const core = this.#core();
    try {
      if (this.#small(core, length)) {
        this.#load(core, ciphertext);
        if (core.exports.openOnce(this.#extended, this.#aadLength, length) === 0) throw badTag();
        return result(core, core.map.output, length, target);
      }
      return this.#decryptLong(core, ciphertext, target ?? new Uint8Array(length));
    } catch (cause) {
      throw core.discard(cause);
    }
  }

  #small(core: WasmCore, length: number): boolean {
    const most = this.#native === null ? PIECE_BYTES : NATIVE_BYTES_MIN - 1;
    return length <= most && this.#aadLength <= core.map.aadBytes;
  }

  #load(core: WasmCore, text: Uint8Array): void {
    core.bytes.set(text, core.map.work);
    core.setKey(this.#setup);
  }

  #encryptLong(core: WasmCore, plaintext: Uint8Array, target: Uint8Array): Uint8Array {
    if (this.#native === null) return this.#encryptPieces(core, plaintext, target);
    const key = this.#nativeKey(core);
    this.#native.seal(key, this.#nativeNonce(), this.#setup.subarray(AAD_AT), unshared(plaintext), target);
    key.fill(0);
    return target;
  }

  #decryptLong(core: WasmCore, ciphertext: Uint8Array, target: Uint8Array): Uint8Array {
    if (this.#native === null) return this.#decryptPieces(core, ciphertext, target);
    const key = this.#nativeKey(core);
    const aad = this.#setup.subarray(AAD_AT);
    const opened = this.#native.open(key, this.#nativeNonce(), aad, unshared(ciphertext), target);
    key.fill(0);
    if (!opened) throw badTag();
    return target;
  }

  /** A copy of the key, or the subkey of XChaCha20. */
  #nativeKey(core: WasmCore): Uint8Array {
    if (this.#extended === 0) return this.#setup.slice(0, KEY_BYTES);
    core.setKey(this.#setup.subarray(0, AAD_AT));
    core.exports.hchachaOnce();
    const { work } = core.map;
    const subkey = core.bytes.slice(work, work + KEY_BYTES);
    core.bytes.fill(0, work, work + KEY_BYTES);
    return subkey;
  }

  /** The nonce of ChaCha20: that of XChaCha20 ends with eight bytes of it, after four zeros. */
  #nativeNonce(): Uint8Array {
    if (this.#extended === 0) return this.#setup.subarray(NONCE_AT, NONCE_AT + 12);
    const nonce = new Uint8Array(12);
    nonce.set(this.#setup.subarray(NONCE_AT + 16, AAD_AT), 4);
    return nonce;
  }

  #encryptPieces(core: WasmCore, plaintext: Uint8Array, target: Uint8Array): Uint8Array {
    const source = separate(plaintext, target);
    const work = core.map.work;
    this.#start(core);
    for (let at = 0; at < source.length; at += PIECE_BYTES) {
      const piece = source.subarray(at, at + PIECE_BYTES);
      core.bytes.set(piece, work);
      core.exports.streamSeal(1 + at / BLOCK_BYTES, piece.length);
      target.set(core.bytes.subarray(work, work + piece.length), at);
    }
    core.exports.streamTag(this.#aadLength, source.length);
    target.set(core.bytes.subarray(work, work + TAG_BYTES), source.length);
    return target;
  }

  /** Reads the ciphertext twice: once for the tag, and only then for the text. */
  #decryptPieces(core: WasmCore, ciphertext: Uint8Array, target: Uint8Array): Uint8Array {
    const source = separate(ciphertext, target);
    const work = core.map.work;
    const length = target.length;
    this.#start(core);
    this.#authenticate(core, source.subarray(0, length));
    core.bytes.set(source.subarray(length), work);
    if (core.exports.streamCheck(this.#aadLength, length) === 0) throw badTag();
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const piece = source.subarray(at, Math.min(at + PIECE_BYTES, length));
      core.bytes.set(piece, work);
      core.exports.streamXor(1 + at / BLOCK_BYTES, piece.length);
      target.set(core.bytes.subarray(work, work + piece.length), at);
    }
    return target;
  }

  #start(core: WasmCore): void {
    core.setKey(this.#setup.subarray(0, AAD_AT));
    core.exports.streamStart(this.#extended);
    this.#authenticate(core, this.#setup.subarray(AAD_AT));
  }

  #authenticate(core: WasmCore, data: Uint8Array): void {
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const piece = data.subarray(at, at + PIECE_BYTES);
      core.bytes.set(piece, core.map.work);
      core.exports.streamAuthenticate(piece.length);
    }
  }
}

/** A copy of what lies in the core at `at`, in `target` if given. */
function result(core: WasmCore, at: number, length: number, target: Uint8Array | undefined): Uint8Array {
  if (target === undefined) return core.bytes.slice(at, at + length);
  target.set(core.bytes.subarray(at, at + length));
  return target;
}

/**
 * The source, copied if writing the target piece by piece would change what is still to be read, or if another
 * thread could change it between two readings.
 */
function separate(source: Uint8Array, target: Uint8Array): Uint8Array {
  if (!(source.buffer instanceof ArrayBuffer)) return new Uint8Array(source);
  const sameStart = source.byteOffset === target.byteOffset;
  return source.buffer === target.buffer && !sameStart ? new Uint8Array(source) : source;
}

/** The source, copied if another thread could change it meanwhile. */
function unshared(source: Uint8Array): Uint8Array {
  return source.buffer instanceof ArrayBuffer ? source : new Uint8Array(source);
}

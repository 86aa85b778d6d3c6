/**
 * The AEADs of the WebAssembly core for texts of any length. Long ones go to the runtime's own cipher where there
 * is one, because it is faster there; else, over 64 KiB, through the work arena piece by piece, so that memory of the
 * core never grows.
 *
 * @module
 */

import type { NativeAead } from "../native.ts";
import { KEY_BYTES, TAG_BYTES } from "./arguments.ts";
import { badTag } from "./bad_tag.ts";
import { AAD_AT, NONCE_AT, ONCE_BYTES_MAX, WasmAead } from "./wasm_aead.ts";
import type { WasmCore } from "./wasm_core.ts";

/** Bytes of one piece: a whole number of ChaCha20 blocks. */
const PIECE_BYTES = ONCE_BYTES_MAX;
const BLOCK_BYTES = 64;
/** The longest text for which room to wait is kept. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/**
 * From here on the runtime's own cipher takes a text. Measured on Node and Deno: the core is faster up to 32 KiB, both
 * are as fast at 48 KiB; at 256 KiB the runtime's is 1.6 to 1.8 times as fast on Node and 1.15 times on Deno.
 */
export const NATIVE_BYTES_MIN = 49_152;

/** Seals and opens with one key and nonce on the instance that `core` gives, or with `native` if the text is long. */
export class WasmLongAead extends WasmAead {
  readonly #native: NativeAead | null;

  constructor(
    core: () => WasmCore,
    native: NativeAead | null,
    key: Uint8Array,
    nonce: Uint8Array,
    aad?: Uint8Array,
  ) {
    super(core, key, nonce, aad);
    this.#native = native;
  }

  protected override isShort(core: WasmCore, length: number): boolean {
    return (this.#native === null || length < NATIVE_BYTES_MIN) && super.isShort(core, length);
  }

  protected override encryptLong(core: WasmCore, plaintext: Uint8Array, target: Uint8Array): Uint8Array {
    if (this.#native === null) return this.#encryptPieces(core, plaintext, target);
    const key = this.#nativeKey(core);
    this.#native.seal(key, this.#nativeNonce(), this.setup.subarray(AAD_AT), unshared(plaintext), target);
    key.fill(0);
    return target;
  }

  protected override decryptLong(core: WasmCore, ciphertext: Uint8Array, output?: Uint8Array): Uint8Array {
    if (this.#native === null) return this.#decryptPieces(core, ciphertext, output);
    const target = output ?? new Uint8Array(ciphertext.length - TAG_BYTES);
    const key = this.#nativeKey(core);
    const aad = this.setup.subarray(AAD_AT);
    const opened = this.#native.open(key, this.#nativeNonce(), aad, unshared(ciphertext), target);
    key.fill(0);
    if (!opened) throw badTag();
    return target;
  }

  /** A copy of the key, or the subkey of XChaCha20. */
  #nativeKey(core: WasmCore): Uint8Array {
    if (this.extended === 0) return this.setup.slice(0, KEY_BYTES);
    core.setKey(this.setup.subarray(0, AAD_AT));
    core.exports.hchachaOnce();
    const { work } = core.map;
    const subkey = core.bytes.slice(work, work + KEY_BYTES);
    core.bytes.fill(0, work, work + KEY_BYTES);
    return subkey;
  }

  /** The nonce of ChaCha20: that of XChaCha20 ends with eight bytes of it, after four zeros. */
  #nativeNonce(): Uint8Array {
    if (this.extended === 0) return this.setup.subarray(NONCE_AT, NONCE_AT + 12);
    const nonce = new Uint8Array(12);
    nonce.set(this.setup.subarray(NONCE_AT + 16, AAD_AT), 4);
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
    core.exports.streamTag(this.aadLength, source.length);
    target.set(core.bytes.subarray(work, work + TAG_BYTES), source.length);
    return target;
  }

  /** The text waits where nobody sees it until the tag is known to be right, and is wiped if it is not. */
  #decryptPieces(core: WasmCore, source: Uint8Array, target?: Uint8Array): Uint8Array {
    const { work, output } = core.map;
    const length = source.length - TAG_BYTES;
    const text = target === undefined ? new Uint8Array(length) : waitingRoom(core, length);
    this.#start(core);
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const piece = source.subarray(at, Math.min(at + PIECE_BYTES, length));
      core.bytes.set(piece, work);
      core.exports.streamOpen(1 + at / BLOCK_BYTES, piece.length);
      text.set(core.bytes.subarray(output, output + piece.length), at);
    }
    core.bytes.set(source.subarray(length), work);
    if (core.exports.streamCheck(this.aadLength, length) === 0) {
      text.fill(0);
      throw badTag();
    }
    if (target === undefined) return text;
    target.set(text);
    return target;
  }

  #start(core: WasmCore): void {
    core.setKey(this.setup.subarray(0, AAD_AT));
    core.exports.streamStart(this.extended);
    this.#authenticate(core, this.setup.subarray(AAD_AT));
  }

  #authenticate(core: WasmCore, data: Uint8Array): void {
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const piece = data.subarray(at, at + PIECE_BYTES);
      core.bytes.set(piece, core.map.work);
      core.exports.streamAuthenticate(piece.length);
    }
  }
}

/** Where a text waits; kept while it is small, as making one costs a tenth of what opening takes. */
function waitingRoom(core: WasmCore, length: number): Uint8Array {
  if (length > KEPT_BYTES_MAX) return new Uint8Array(length);
  if (core.waitingRoom.length < length) core.waitingRoom = new Uint8Array(length);
  return core.waitingRoom.subarray(0, length);
}

/** The source, copied if writing the target piece by piece would change what is still to be read. */
function separate(source: Uint8Array, target: Uint8Array): Uint8Array {
  const sameStart = source.byteOffset === target.byteOffset;
  return source.buffer === target.buffer && !sameStart ? new Uint8Array(source) : source;
}

/** The source, copied if another thread could change it meanwhile. */
function unshared(source: Uint8Array): Uint8Array {
  return source.buffer instanceof ArrayBuffer ? source : new Uint8Array(source);
}

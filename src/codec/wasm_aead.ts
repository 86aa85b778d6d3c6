/**
 * The AEADs of the WebAssembly core, for texts that one call takes.
 *
 * @module
 */

import { checkBytes, KEY_BYTES, outputOf, TAG_BYTES } from "./arguments.ts";
import { badTag } from "./bad_tag.ts";
import type { Aead } from "./codec.ts";
import type { WasmCore } from "./wasm_core.ts";

/** The longest text that one call takes; a whole number of ChaCha20 blocks. */
export const ONCE_BYTES_MAX = 65_536;

/** Where nonce and associated data lie behind the key; see the map in wasm/assembly/memory.ts. */
export const NONCE_AT: number = KEY_BYTES;
/** Behind a nonce of 24 bytes, or one of 12 and as many zeros. */
export const AAD_AT: number = NONCE_AT + 24;

/** Seals and opens with one key and nonce on the instance that `core` gives. */
export class WasmAead implements Aead {
  readonly #core: () => WasmCore;
  /** 1 for the nonce of 24 bytes. */
  protected readonly extended: 0 | 1;
  /** Key, nonce and associated data as the core wants them: one array, because each costs an allocation. */
  protected readonly setup: Uint8Array;
  protected readonly aadLength: number;

  constructor(core: () => WasmCore, key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array) {
    checkBytes("key", key, KEY_BYTES);
    if (aad !== undefined) checkBytes("aad", aad);
    this.#core = core;
    this.extended = nonce.length === 24 ? 1 : 0;
    this.aadLength = aad === undefined ? 0 : aad.length;
    this.setup = new Uint8Array(AAD_AT + this.aadLength);
    this.setup.set(key);
    this.setup.set(nonce, NONCE_AT);
    if (aad !== undefined) this.setup.set(aad, AAD_AT);
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
      if (this.isShort(core, plaintext.length)) {
        this.#load(core, plaintext);
        core.exports.sealOnce(this.extended, this.aadLength, plaintext.length);
        return result(core, core.map.work, length, target);
      }
      return this.encryptLong(core, plaintext, target ?? new Uint8Array(length));
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
      if (this.isShort(core, length)) {
        this.#load(core, ciphertext);
        if (core.exports.openOnce(this.extended, this.aadLength, length) === 0) throw badTag();
        return result(core, core.map.output, length, target);
      }
      return this.decryptLong(core, ciphertext, target);
    } catch (cause) {
      throw core.discard(cause);
    }
  }

  /** Whether one call of the core takes a text of `length` bytes. */
  protected isShort(core: WasmCore, length: number): boolean {
    return length <= ONCE_BYTES_MAX && this.aadLength <= core.map.aadBytes;
  }

  /** Seals what is not short. */
  protected encryptLong(_core: WasmCore, _plaintext: Uint8Array, _target: Uint8Array): Uint8Array {
    throw tooLong();
  }

  /** Opens what is not short, to an array of its own without a target. */
  protected decryptLong(_core: WasmCore, _ciphertext: Uint8Array, _target?: Uint8Array): Uint8Array {
    throw tooLong();
  }

  #load(core: WasmCore, text: Uint8Array): void {
    core.bytes.set(text, core.map.work);
    core.setKey(this.setup);
  }
}

/** A copy of what lies in the core at `at`, in `target` if given. */
function result(core: WasmCore, at: number, length: number, target: Uint8Array | undefined): Uint8Array {
  if (target === undefined) return core.bytes.slice(at, at + length);
  target.set(core.bytes.subarray(at, at + length));
  return target;
}

function tooLong(): RangeError {
  return new RangeError(`this codec takes texts of at most ${ONCE_BYTES_MAX} bytes`);
}

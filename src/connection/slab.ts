/**
 * Small byte arrays, many from one allocation.
 *
 * On V8 a `Uint8Array` of its own costs more than all that Hawser does with a
 * small message; a view of a larger one costs a tenth. Bytes are handed out
 * once and never again, so whoever holds a view need not give it back.
 *
 * @module
 */

// Views larger than a quarter would waste too much of the rest.
const SLAB_BYTES = 64 * 1024;
const VIEW_BYTES_MAX = SLAB_BYTES / 4;

/** Hands out views, one behind the other. */
export class Slab {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** A view of `length` bytes at least, of which `keep` says how many are used. Nothing else may be asked for between. */
  reserve(length: number): Uint8Array {
    if (length > VIEW_BYTES_MAX) return new Uint8Array(length);
    if (length > this.#bytes.length - this.#at) {
      this.#bytes = new Uint8Array(SLAB_BYTES);
      this.#at = 0;
    }
    return this.#bytes.subarray(this.#at, this.#at + length);
  }

  /** The first `length` bytes of the view that `reserve` gave last. */
  keep(view: Uint8Array, length: number): Uint8Array {
    if (view.buffer === this.#bytes.buffer) this.#at += length;
    return length === view.length ? view : view.subarray(0, length);
  }

  /** A copy of `source`. */
  copy(source: Uint8Array): Uint8Array {
    if (source.length > VIEW_BYTES_MAX) return new Uint8Array(source);
    const view = this.reserve(source.length);
    view.set(source);
    return this.keep(view, source.length);
  }
}

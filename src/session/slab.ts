/**
 * Small byte arrays, many from one allocation.
 *
 * On V8 a `Uint8Array` of its own costs more than all that Hawser does with a
 * small message; a view of a larger one costs a tenth. Bytes are handed out
 * once and never again, so whoever holds a view need not give it back.
 *
 * @module
 */

// Below this a loop copies faster than `set` with the view that it needs.
const LOOP_BYTES_MAX = 48;

/** Hands out views, one behind the other. */
export class Slab {
  readonly #slabBytes: number;
  #slab: Uint8Array = new Uint8Array(0);
  #slabAt = 0;
  /** Where what was reserved may be written: */
  target: Uint8Array = this.#slab;
  /** from this position on. */
  at = 0;

  /** One allocation has `slabBytes`, which a view that is kept keeps alive. Views over a quarter of it get their own. */
  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes;
  }

  /** Makes room for `length` bytes in `target` behind `at`; `take` says how many are used. Nothing else may be asked for between. */
  reserve(length: number): void {
    if (length > this.#slabBytes / 4) {
      this.target = new Uint8Array(length);
      this.at = 0;
      return;
    }
    if (length > this.#slab.length - this.#slabAt) {
      this.#slab = new Uint8Array(this.#slabBytes);
      this.#slabAt = 0;
    }
    this.target = this.#slab;
    this.at = this.#slabAt;
  }

  /** The first `length` bytes of what was reserved last. */
  take(length: number): Uint8Array {
    const { target, at } = this;
    if (target === this.#slab) this.#slabAt += length;
    else this.target = this.#slab; // A large array belongs to whoever takes it.
    return length === target.length ? target : target.subarray(at, at + length);
  }

  /** A copy of `length` bytes of `source` from `start` on. */
  copy(source: Uint8Array, start = 0, length: number = source.length): Uint8Array {
    this.reserve(length);
    const { target, at } = this;
    if (length <= LOOP_BYTES_MAX) {
      for (let i = 0; i < length; i++) target[at + i] = source[start + i];
    } else {
      target.set(length === source.length ? source : source.subarray(start, start + length), at);
    }
    return this.take(length);
  }
}

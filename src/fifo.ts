/**
 * A first-in-first-out queue on a ring.
 *
 * @module
 */

const NOTHING: readonly never[] = [];
const FIRST_PLACES = 4;
// A ring that had to grow beyond this is let go when it is empty: most queues are short, and idle ones are many.
const KEPT_PLACES_MAX = 32;

/** A queue whose `push` and `shift` allocate nothing of their own while it is short, and nothing before the first `push`. */
export class Fifo<T> {
  // Invariant: its length is zero or a power of two.
  #ring: (T | undefined)[] = NOTHING as unknown as (T | undefined)[];
  #head = 0;
  #length = 0;

  /** How many items wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[this.#place(this.#length)] = item;
    this.#length++;
  }

  /** The first item, which stays; `undefined` if there is none. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  /** The item that `index` others are ahead of; `undefined` if there is none. */
  at(index: number): T | undefined {
    return index < this.#length ? this.#ring[this.#place(index)] : undefined;
  }

  /** Puts another in place of the last item. Only while there is one. */
  replaceLast(item: T): void {
    this.#ring[this.#place(this.#length - 1)] = item;
  }

  /** Takes the first item; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = this.#place(1);
    this.#length--;
    if (this.#length === 0 && this.#ring.length > KEPT_PLACES_MAX) this.clear();
    return item;
  }

  /** Forgets all items. */
  clear(): void {
    this.#ring = NOTHING as unknown as (T | undefined)[];
    this.#head = this.#length = 0;
  }

  #place(index: number): number {
    return (this.#head + index) & (this.#ring.length - 1);
  }

  #grow(): void {
    const ring = new Array<T | undefined>(2 * this.#length || FIRST_PLACES).fill(undefined);
    for (let index = 0; index < this.#length; index++) ring[index] = this.#ring[this.#place(index)];
    this.#ring = ring;
    this.#head = 0;
  }
}

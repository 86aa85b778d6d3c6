/**
 * A first-in-first-out queue on a ring.
 *
 * @module
 */

const FIRST_PLACES = 2;
// A ring that had to grow beyond this is let go when it is empty: most queues are short, and idle ones are many.
const KEPT_PLACES_MAX = 256;

/** A queue whose `push` and `shift` allocate nothing of their own while it is short, and nothing before the first `push`. */
export class Fifo<T> {
  // Its length is a power of two. Invariant: all places but the `length` ones from `head` on are undefined.
  #ring: (T | undefined)[] | undefined;
  #mask = -1;
  #head = 0;
  #length = 0;

  /** How many items wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#length > this.#mask) this.#grow();
    this.#ring![(this.#head + this.#length++) & this.#mask] = item;
  }

  /** The first item, which stays; `undefined` if there is none. */
  peek(): T | undefined {
    return this.#ring?.[this.#head];
  }

  /** The item that `index` others are ahead of; `undefined` if there is none. */
  at(index: number): T | undefined {
    return index < this.#length ? this.#ring![(this.#head + index) & this.#mask] : undefined;
  }

  /** Puts another in place of the last item. Only while there is one. */
  replaceLast(item: T): void {
    this.#ring![(this.#head + this.#length - 1) & this.#mask] = item;
  }

  /** Takes the first item; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring![this.#head];
    this.#ring![this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    if (--this.#length === 0 && this.#mask >= KEPT_PLACES_MAX) this.clear();
    return item;
  }

  /** Forgets all items. */
  clear(): void {
    this.#ring = undefined;
    this.#mask = -1;
    this.#head = this.#length = 0;
  }

  #grow(): void {
    const places = 2 * this.#length || FIRST_PLACES;
    const ring = new Array<T | undefined>(places).fill(undefined);
    for (let index = 0; index < this.#length; index++) ring[index] = this.at(index);
    this.#ring = ring;
    this.#mask = places - 1;
    this.#head = 0;
  }
}

/**
 * A first-in-first-out queue on one array.
 *
 * @module
 */

// Consumed places are cut off in large steps, so that each costs a constant on average; an array that is no longer is
// kept, because a new one would cost more than the item.
const COMPACT_AT = 1024;

/** A queue whose `push` and `shift` allocate nothing of their own. */
export class Fifo<T> {
  // Invariant: all places but those from `head` to `tail` are undefined.
  #items: (T | undefined)[] = [];
  #head = 0;
  #tail = 0;

  /** How many items wait. */
  get length(): number {
    return this.#tail - this.#head;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items[this.#tail++] = item;
  }

  /** The first item, which stays; `undefined` if there is none. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Puts another in place of the last item. */
  replaceLast(item: T): void {
    this.#items[this.#tail - 1] = item;
  }

  /** Takes the first item; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#tail) {
      if (this.#items.length > COMPACT_AT) this.#items.length = 0;
      this.#head = this.#tail = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#tail) {
      this.#items.splice(0, this.#head);
      this.#tail -= this.#head;
      this.#head = 0;
    }
    return item;
  }

  /** Forgets all items. */
  clear(): void {
    this.#items.length = this.#head = this.#tail = 0;
  }
}

/**
 * A first-in-first-out queue on one array.
 *
 * @module
 */

// Consumed places are cut off in large steps, so that each costs a constant on average.
const COMPACT_AT = 1024;

/** A queue whose `push` and `shift` allocate nothing of their own. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** The first item, which stays; `undefined` if there is none. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Puts another in place of the last item. */
  replaceLast(item: T): void {
    this.#items[this.#items.length - 1] = item;
  }

  /** Takes the first item; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Forgets all items. */
  clear(): void {
    this.#items.length = this.#head = 0;
  }
}

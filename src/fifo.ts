/**
 * A first-in-first-out queue on a ring.
 *
 * @module
 */

const FIRST_PLACES = 4;
// A ring that had to grow beyond this is let go when it is empty: most queues are short, and idle ones are many.
const KEPT_PLACES_MAX = 32;

/** A queue whose `push` and `shift` allocate nothing of their own while it is short, and nothing at all for a single item. */
export class Fifo<T> {
  #first: T | undefined;
  // What waits behind the first; its length is a power of two. Made when two items wait at once.
  #ring: (T | undefined)[] | undefined;
  #head = 0;
  #length = 0;

  /** How many items wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#length === 0) this.#first = item;
    else this.#pushBehind(item);
    this.#length++;
  }

  /** The first item, which stays; `undefined` if there is none. */
  peek(): T | undefined {
    return this.#first;
  }

  /** The item that `index` others are ahead of; `undefined` if there is none. */
  at(index: number): T | undefined {
    if (index === 0 || index >= this.#length) return index === 0 ? this.#first : undefined;
    return this.#ring![this.#place(index)];
  }

  /** Puts another in place of the last item. Only while there is one. */
  replaceLast(item: T): void {
    if (this.#length === 1) this.#first = item;
    else this.#ring![this.#place(this.#length - 1)] = item;
  }

  /** Takes the first item; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#first;
    this.#length--;
    if (this.#length === 0) this.#first = undefined;
    else this.#moveUp();
    return item;
  }

  /** Forgets all items. */
  clear(): void {
    this.#first = this.#ring = undefined;
    this.#head = this.#length = 0;
  }

  #pushBehind(item: T): void {
    if (this.#ring === undefined || this.#length > this.#ring.length) this.#grow();
    this.#ring![this.#place(this.#length)] = item;
  }

  #moveUp(): void {
    const ring = this.#ring!;
    this.#first = ring[this.#head];
    ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (ring.length - 1);
    if (this.#length === 1 && ring.length > KEPT_PLACES_MAX) this.#ring = undefined;
  }

  /** Where in the ring the item lies that `index` others are ahead of, one at least. */
  #place(index: number): number {
    return (this.#head + index - 1) & (this.#ring!.length - 1);
  }

  #grow(): void {
    const places = this.#ring === undefined ? FIRST_PLACES : 2 * this.#ring.length;
    const ring = new Array<T | undefined>(places).fill(undefined);
    for (let index = 1; index < this.#length; index++) ring[index - 1] = this.at(index);
    this.#ring = ring;
    this.#head = 0;
  }
}

/**
 * A priority queue of what is due when: a binary heap in one array, whose entries know their place in it.
 *
 * @module
 */

/** What may be put into a heap, into one at a time. */
export interface HeapEntry {
  /** Does not change while it is in the heap. */
  readonly due: number;
  /** The heap's own: where the entry lies, -1 if it is in none. */
  place: number;
}

/** Adding and removing take a time that grows with the logarithm of the size. */
export class DeadlineHeap<T extends HeapEntry> {
  // Invariant: no entry is due before the one at half its place (from 1 on).
  readonly #entries: T[] = [];

  /** The one that is due first; `undefined` if there is none. */
  get first(): T | undefined {
    return this.#entries[0];
  }

  /** Adds an entry that is in no heap. */
  add(entry: T): void {
    this.#entries.push(entry);
    this.#rise(entry, this.#entries.length - 1);
  }

  /** Removes an entry. Safe to call for one that is not there. */
  remove(entry: T): void {
    const { place } = entry;
    if (place < 0) return;
    entry.place = -1;
    const last = this.#entries.pop()!;
    if (last === entry) return;
    this.#sink(last, place);
    this.#rise(last, last.place);
  }

  #rise(entry: T, place: number): void {
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#entries[above].due <= entry.due) break;
      this.#put(this.#entries[above], place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: T, place: number): void {
    const { length } = this.#entries;
    for (let below = 2 * place + 1; below < length; below = 2 * place + 1) {
      if (below + 1 < length && this.#entries[below + 1].due < this.#entries[below].due) below++;
      if (this.#entries[below].due >= entry.due) break;
      this.#put(this.#entries[below], place);
      place = below;
    }
    this.#put(entry, place);
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}

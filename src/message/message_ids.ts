/**
 * Ids that the application gave its messages, so that each is taken once.
 *
 * @module
 */

/** Remembers the ids of the newest messages. */
export class MessageIds {
  // In the order in which they were added.
  readonly #ids: Set<string> = new Set();
  readonly #idsMax: number;

  /** Remembers so many. */
  constructor(idsMax: number) {
    this.#idsMax = idsMax;
  }

  /** Remembers an id, and forgets the oldest if there are too many. Returns whether it is new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.#idsMax) {
      for (const oldest of this.#ids) {
        this.#ids.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** The message was not taken after all: it may come again. */
  forget(id: string): void {
    this.#ids.delete(id);
  }
}

/**
 * Handshakes that a datagram listener has answered and that are not complete.
 *
 * @module
 */

/** One of them. */
export class HalfOpen {
  /** Where it comes from: the key of its source. */
  readonly addressKey: string;
  /** Unique among all of them. */
  readonly key: string;
  /** When it is given up, whatever happens before: milliseconds on the caller's clock. */
  readonly deadline: number;
  #proved: boolean;

  /** `proved`: its INIT carried a good cookie. */
  constructor(addressKey: string, key: string, deadline: number, proved: boolean) {
    this.addressKey = addressKey;
    this.key = key;
    this.deadline = deadline;
    this.#proved = proved;
  }

  /** Whether somebody at the address has received what was sent there. */
  get proved(): boolean {
    return this.#proved;
  }

  /** A good cookie, or an authentic packet, came from the address. */
  prove(): void {
    this.#proved = true;
  }
}

/** Half-open handshakes in order of age, which is the order of their deadlines. */
export class HalfOpenQueue {
  readonly #all = new Map<string, HalfOpen>();
  // Those that were not proved when they were last looked at: no others are missing.
  readonly #unproved = new Set<HalfOpen>();

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Adds the youngest. */
  add(entry: HalfOpen): void {
    this.#all.set(entry.key, entry);
    if (!entry.proved) this.#unproved.add(entry);
  }

  /** Finds one by its key. */
  find(key: string): HalfOpen | undefined {
    return this.#all.get(key);
  }

  /** Removes one; `false`: it was not there. */
  remove(entry: HalfOpen): boolean {
    this.#unproved.delete(entry);
    return this.#all.delete(entry.key);
  }

  /** The oldest of all. */
  oldest(): HalfOpen | undefined {
    for (const entry of this.#all.values()) return entry;
    return undefined;
  }

  /** The one to give up first where there is no room: the oldest whose address is not proved, else the oldest. */
  leastDeserving(): HalfOpen | undefined {
    for (const entry of this.#unproved) {
      if (!entry.proved) return entry;
      this.#unproved.delete(entry);
    }
    return this.oldest();
  }
}

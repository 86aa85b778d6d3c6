/**
 * Messages on a stream of bytes: each behind its length, 4 bytes, unsigned big-endian.
 *
 * @module
 */

const PREFIX_BYTES = 4;
const CAPACITY_BYTES = 256 * 1024;

/** Collects messages, so that all of one turn leave with one write. */
export class Outbox {
  #filling: Uint8Array = new Uint8Array(CAPACITY_BYTES);
  #leaving: Uint8Array = new Uint8Array(CAPACITY_BYTES);
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Copies a message behind its length. */
  push(message: Uint8Array): void {
    const end = this.#length + PREFIX_BYTES + message.length;
    if (end > this.#filling.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.#filling.subarray(0, this.#length));
      this.#filling = larger;
    }
    this.#filling[this.#length] = message.length >>> 24;
    this.#filling[this.#length + 1] = message.length >>> 16;
    this.#filling[this.#length + 2] = message.length >>> 8;
    this.#filling[this.#length + 3] = message.length;
    this.#filling.set(message, this.#length + PREFIX_BYTES);
    this.#length = end;
  }

  /** All that waits: a view, valid until the next `take`. */
  take(): Uint8Array {
    const bytes = this.#filling.subarray(0, this.#length);
    [this.#filling, this.#leaving] = [this.#leaving, this.#filling];
    this.#length = 0;
    return bytes;
  }
}

/** Finds the messages in what arrives, however it was cut. */
export class Inbox {
  #rest: Uint8Array = new Uint8Array(0);

  /** Calls `handler` with each message that is whole now: a view. */
  push(bytes: Uint8Array, handler: (message: Uint8Array) => void): void {
    let all = bytes;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
    }
    let at = 0;
    while (all.length - at >= PREFIX_BYTES) {
      const length = ((all[at] << 24) | (all[at + 1] << 16) | (all[at + 2] << 8) | all[at + 3]) >>> 0;
      const end = at + PREFIX_BYTES + length;
      if (end > all.length) break;
      handler(all.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    this.#rest = all.slice(at);
  }
}

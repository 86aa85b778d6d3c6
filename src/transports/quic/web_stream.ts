/**
 * One QUIC stream over a pair of streams of the web's kind.
 *
 * @module
 */

import type { QuicStream } from "./connection.ts";

/** What was read and written before the stream was handed over. */
export interface WebStreamParts {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Goes out before all else. */
  readonly first?: Uint8Array<ArrayBuffer>;
  /** Came in already. */
  readonly early?: Uint8Array;
}

/** One stream. Its writer is kept, because Deno's garbage collector ends a stream that nobody refers to. */
export class WebStream implements QuicStream {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #early: Uint8Array | undefined;

  constructor({ readable, writable, first, early }: WebStreamParts) {
    this.#writer = writable.getWriter();
    this.#reader = readable.getReader();
    this.#early = early;
    this.#writer.closed.catch(() => {}); // The writes tell it.
    this.#reader.closed.catch(() => {});
    if (first !== undefined) this.#writer.write(first).catch(() => {});
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  end(): void {
    this.#writer.close().catch(() => {});
  }

  reset(): void {
    this.#writer.abort().catch(() => {});
    this.#reader.cancel().catch(() => {});
  }

  async read(deliver: (bytes: Uint8Array) => void): Promise<boolean> {
    const early = this.#early;
    if (early !== undefined) {
      this.#early = undefined;
      deliver(early);
      return true;
    }
    const { value } = await this.#reader.read();
    if (value === undefined) return false;
    deliver(value);
    return true;
  }
}

/**
 * A stream link over one stream of a browser's `WebTransport`, framed as those of `quic://`, so that a stream which was
 * cut off is told from one that has ended.
 *
 * @module
 */

import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES, LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { CHUNK_HEAD_BYTES, ChunkReader, END, OPENER, writeChunkHead } from "../quic/chunks.ts";

/** A link over the first stream of a session that we opened. The session ends with it. */
export class WtWebLink extends BaseLink {
  readonly traits: LinkTraits = {
    kind: "stream",
    reliable: true,
    ordered: true,
    mtu: undefined,
    encrypted: true,
    nativeStreams: false,
  };
  readonly #session: WebTransport;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunks = new ChunkReader(false);
  #waiting = 0;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  #reading = false;

  constructor(session: WebTransport, stream: WebTransportBidirectionalStream, remoteAddress: string) {
    super("wt://0.0.0.0", remoteAddress); // A browser does not tell its own address.
    this.#session = session;
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader();
    session.closed.then(() => this.#cut(), (cause) => this.#cut(cause));
    this.#put(OPENER);
  }

  protected get pending(): number {
    return this.#waiting;
  }

  protected begin(): void {
    if (!this.#reading) void this.#read();
  }

  protected write(bytes: Uint8Array): boolean {
    const chunk = new Uint8Array(CHUNK_HEAD_BYTES + bytes.length);
    writeChunkHead(chunk, bytes.length);
    chunk.set(bytes, CHUNK_HEAD_BYTES);
    if (bytes.length > 0) this.#put(chunk);
    if (this.#waiting > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (this.#waiting > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  // The peer reads the end, answers, and only then are we gone: what it has not read yet would be lost otherwise.
  protected end(): void {
    this.#put(END);
    this.#writer.close().catch(() => {});
    this.begin();
  }

  protected release(): void {
    this.#session.close();
  }

  #put(bytes: Uint8Array): void {
    this.#waiting += bytes.length;
    this.#writer.write(bytes).then(() => this.#written(bytes.length), (cause) => this.#cut(cause));
  }

  #written(count: number): void {
    this.#waiting -= count;
    if (!this.#awaited || this.#waiting > LINK_LOW_WATER_BYTES) return;
    this.#awaited = false;
    this.drained();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      while (!this.over) {
        const { value } = await this.#reader.read();
        if (value === undefined) return this.#cut();
        this.#chunks.feed(value, (bytes) => this.receiver?.onReceive(bytes));
        if (this.#chunks.ended) this.finish();
      }
    } catch (cause) {
      this.#cut(cause);
    }
  }

  #cut(cause: unknown = new Error("it was cut off")): void {
    this.fail(cause);
  }
}

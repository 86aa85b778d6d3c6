/**
 * A stream link over one QUIC stream of any runtime.
 *
 * One write is in flight, or two for one chunk. What is sent meanwhile, and in the same turn after a first send, is
 * announced as one chunk.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import { QUIC_JOINED_BYTES_MAX } from "../../quic_limits.ts";
import type { LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { SendQueue } from "../send_queue.ts";
import { nextTurn } from "../turn.ts";
import { CHUNK_HEAD_BYTES, ChunkReader, END, OPENER, writeChunkHead } from "./chunks.ts";
import type { QuicStream } from "./connection.ts";
import { quicError } from "./failure.ts";

/** What a link over one of several streams of a connection is. */
export const STREAM_TRAITS: LinkTraits = {
  kind: "stream",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: true,
  nativeStreams: false,
};

/** What a stream link is made of. */
export interface StreamLinkParts {
  readonly stream: QuicStream;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Whether we opened the stream. */
  readonly opener: boolean;
  /** Hears when it is over. */
  readonly onOver?: (link: QuicStreamLink) => void;
}

/** A link over one QUIC stream. */
export class QuicStreamLink extends BaseLink {
  readonly traits: LinkTraits = STREAM_TRAITS;
  readonly #stream: QuicStream;
  readonly #queue = new SendQueue();
  readonly #reader: ChunkReader;
  readonly #onOver: ((link: QuicStreamLink) => void) | undefined;
  readonly #deliver = (bytes: Uint8Array): void => this.receiver?.onReceive(bytes);
  readonly #feed = (bytes: Uint8Array): void => this.#reader.feed(bytes, this.#deliver);
  // Bytes of the announced chunk that were not written yet.
  #chunkLeft = 0;
  readonly #head = new Uint8Array(CHUNK_HEAD_BYTES);
  #joined: Uint8Array | undefined;
  #writing = false;
  #reading = false;

  constructor(parts: StreamLinkParts) {
    super(parts.localAddress, parts.remoteAddress);
    this.#stream = parts.stream;
    this.#reader = new ChunkReader(!parts.opener);
    this.#onOver = parts.onOver;
    // The peer hears of a stream with its first bytes.
    if (parts.opener) void this.#write(OPENER);
  }

  /** The connection below is gone. */
  cut(cause: unknown): void {
    this.#break(
      cause ?? new HawserError("io", `${this.remoteAddress} ended the connection, but not the link`),
    );
  }

  /** Whether the peer ended the link in an orderly way. */
  protected get ended(): boolean {
    return this.#reader.ended;
  }

  protected get pending(): number {
    return this.#queue.bytes;
  }

  protected begin(): void {
    if (!this.#reading) void this.#read();
  }

  protected write(bytes: Uint8Array): boolean {
    this.#queue.push(bytes);
    if (!this.#writing) void this.#write();
    if (this.#queue.bytes > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    return this.#queue.hasRoom();
  }

  protected end(): void {
    if (!this.#writing) void this.#finishWriting();
  }

  protected release(): void {
    this.#queue.clear();
    this.#joined = undefined;
    this.#stream.reset();
    this.#onOver?.(this);
  }

  // A turn later, because the end of the connection says more about it than the end of a stream.
  #breakSoon(cause: unknown): void {
    nextTurn(() => this.#break(cause));
  }

  #break(cause: unknown): void {
    this.fail(quicError(cause, `the link to ${this.remoteAddress} broke`));
  }

  async #write(first?: Uint8Array): Promise<void> {
    this.#writing = true;
    try {
      if (first !== undefined) await this.#stream.write(first);
      do {
        while (this.#queue.bytes > 0 && !this.over) {
          const waiting = this.#writeSome();
          if (waiting !== undefined) await waiting;
        }
        // What is sent in the rest of this turn is joined.
        await undefined;
      } while (this.#queue.bytes > 0 && !this.over);
    } catch (cause) {
      this.#breakSoon(cause);
    }
    this.#writing = false;
    if (this.closing) await this.#finishWriting();
  }

  #writeSome(): void | Promise<void> {
    const bytes = this.#queue.next()!;
    if (this.#chunkLeft === 0) {
      this.#chunkLeft = this.#queue.bytes;
      if (bytes.length <= QUIC_JOINED_BYTES_MAX) return this.#put(this.#withHead(bytes), bytes.length);
      writeChunkHead(this.#head, this.#chunkLeft);
      const waiting = this.#stream.write(this.#head);
      if (waiting !== undefined) return waiting.then(() => this.#writeRest());
    }
    return this.#writeRest();
  }

  #writeRest(): void | Promise<void> {
    // What was pushed after the announcement belongs to the next chunk.
    const bytes = this.#queue.next();
    if (bytes === undefined) return;
    const part = bytes.length > this.#chunkLeft ? bytes.subarray(0, this.#chunkLeft) : bytes;
    return this.#put(part, part.length);
  }

  #put(bytes: Uint8Array, count: number): void | Promise<void> {
    const waiting = this.#stream.write(bytes);
    if (waiting !== undefined) return waiting.then(() => this.#advance(count));
    this.#advance(count);
  }

  #advance(count: number): void {
    if (this.over) return;
    this.#chunkLeft -= count;
    if (this.#queue.advance(count)) this.drained();
  }

  #withHead(bytes: Uint8Array): Uint8Array {
    const joined = this.#joined ??= new Uint8Array(CHUNK_HEAD_BYTES + QUIC_JOINED_BYTES_MAX);
    writeChunkHead(joined, this.#chunkLeft);
    joined.set(bytes, CHUNK_HEAD_BYTES);
    return joined.subarray(0, CHUNK_HEAD_BYTES + bytes.length);
  }

  // The peer reads the end, answers, and only then are we gone: what it has not read yet would be lost otherwise.
  async #finishWriting(): Promise<void> {
    try {
      await this.#stream.write(END);
      if (this.over) return;
      this.#stream.end();
      this.begin();
    } catch (cause) {
      this.#breakSoon(cause);
    }
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      await undefined; // Nothing is delivered from inside `start`.
      while (!this.over) {
        const more = await this.#stream.read(this.#feed);
        if (this.over) return;
        if (this.#reader.ended) return this.finish();
        if (!more) {
          throw new HawserError(
            "io",
            `${this.remoteAddress} broke its stream off, without the mark of an end`,
          );
        }
      }
    } catch (cause) {
      this.#breakSoon(cause);
    }
  }
}

/**
 * Stream sockets of Cloudflare Workers: a pair of web streams.
 *
 * One write is in flight; what is sent meanwhile is joined and goes with the next.
 *
 * @module
 */

import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import { BaseLink } from "../base_link.ts";
import { SendQueue } from "../send_queue.ts";
import { SOCKET_TRAITS } from "./traits.ts";

/** What `connect` of `cloudflare:sockets` returns; the part that is used. */
export interface WorkerdSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
}

/** A link over one socket of workerd. */
export class WorkerdSocketLink extends BaseLink {
  readonly traits = SOCKET_TRAITS;
  readonly #socket: WorkerdSocket;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #queue = new SendQueue();
  #writing = false;
  #reading = false;

  constructor(socket: WorkerdSocket, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#socket = socket;
    this.#writer = socket.writable.getWriter();
    this.#reader = socket.readable.getReader();
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
    if (!this.#writing) this.#finishWriting();
  }

  protected release(): void {
    this.#queue.clear();
    this.#socket.close().catch(() => {}); // It may be broken, which was told already.
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      for (let bytes = this.#queue.next(); bytes !== undefined; bytes = this.#queue.next()) {
        // A copy, because the queue joins small pieces in a buffer that it uses again, and a stream may keep what it is given.
        await this.#writer.write(bytes.slice());
        if (this.over) return;
        if (this.#queue.advance(bytes.length)) this.drained();
      }
    } catch (cause) {
      this.fail(cause);
      return;
    }
    this.#writing = false;
    if (this.closing) this.#finishWriting();
  }

  // The peer sees the end of our bytes and ends its side: only then nothing can be lost on the way.
  #finishWriting(): void {
    this.#writer.close().then(() => this.begin(), (cause) => this.fail(cause));
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      while (true) {
        const { done, value } = await this.#reader.read();
        if (this.over) return;
        if (done) return this.finish();
        this.receiver?.onReceive(value);
      }
    } catch (cause) {
      this.fail(cause);
    }
  }
}

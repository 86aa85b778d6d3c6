/**
 * Stream sockets of Deno, whatever their family: the link over a `Deno.Conn`, and the loop that accepts.
 *
 * `Deno.Conn` knows only asynchronous reads and writes, so a link has one of each in flight: what is sent
 * meanwhile is joined and goes with the next write.
 *
 * @module
 */

import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { Link, ListenHandler, Listening } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { failure } from "../failure.ts";
import { SendQueue } from "../send_queue.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { SOCKET_TRAITS } from "./traits.ts";

/** Accepts from `listener`, which was bound to `url`, until it is closed; `open` makes a link of each socket. */
export function acceptFrom<C extends Deno.Conn>(
  listener: Deno.Listener<C>,
  url: string,
  open: (conn: C) => Link,
  handler: ListenHandler,
): Listening {
  let closed = false;
  const accepting = accept();
  return {
    url,
    async close() {
      if (!closed) listener.close();
      closed = true;
      await accepting;
    },
  };

  async function accept(): Promise<void> {
    while (!closed) {
      try {
        handler.onLink(open(await listener.accept()));
      } catch (cause) {
        if (closed || isTransient(cause)) continue;
        closed = true;
        listener.close();
        handler.onClose(failure(cause, `the listener of ${url} died`));
      }
    }
  }
}

// A peer that was gone before it was accepted is no failure of the listener.
function isTransient(cause: unknown): boolean {
  return cause instanceof Deno.errors.ConnectionAborted || cause instanceof Deno.errors.ConnectionReset ||
    cause instanceof Deno.errors.NotConnected;
}

/** A link over one socket of Deno. */
export class DenoSocketLink extends BaseLink {
  readonly traits = SOCKET_TRAITS;
  readonly #conn: Deno.Conn;
  readonly #queue = new SendQueue();
  #writing = false;
  #reading = false;

  constructor(conn: Deno.Conn, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#conn = conn;
  }

  /** Whether the kernel has all that was sent. */
  get isFlushed(): boolean {
    return !this.over && this.#queue.bytes === 0;
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
    this.#conn.close();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      for (let bytes = this.#queue.next(); bytes !== undefined; bytes = this.#queue.next()) {
        const count = await this.#conn.write(bytes);
        if (this.over) return;
        if (this.#queue.advance(count)) this.drained();
      }
    } catch (cause) {
      this.fail(cause);
      return;
    }
    this.#writing = false;
    if (this.closing) this.#finishWriting();
  }

  // The peer sees the end of our bytes, ends its side, and only then is the socket closed: closing it
  // with bytes unread would reset the connection and destroy what the peer has not read yet.
  #finishWriting(): void {
    this.#conn.closeWrite().then(() => this.begin(), (cause) => this.fail(cause));
  }

  async #read(): Promise<void> {
    this.#reading = true;
    const buffer = new ReadBuffer();
    try {
      while (true) {
        const { bytes } = buffer;
        const count = await this.#conn.read(bytes);
        if (this.over) return;
        if (count === null) return this.finish();
        this.receiver?.onReceive(bytes.subarray(0, count));
        buffer.handleRead(count);
      }
    } catch (cause) {
      this.fail(cause);
    }
  }
}

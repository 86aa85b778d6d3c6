/**
 * TCP on Deno: `Deno.connect`, `Deno.listen`.
 *
 * `Deno.Conn` knows only asynchronous reads and writes, so a link has one of each in flight: what is sent
 * meanwhile is joined and goes with the next write.
 *
 * @module
 */

import { LINK_QUEUE_BYTES_MAX, LINK_READ_BYTES_MAX, LINK_READ_BYTES_MIN } from "../../limits.ts";
import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { BaseLink } from "../base_link.ts";
import { failure } from "../failure.ts";
import { SendQueue } from "../send_queue.ts";
import type { DialOptions } from "./mod.ts";
import { TCP_TRAITS } from "./traits.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(address: Address, options: DialOptions): Promise<Link> {
  try {
    const { host: hostname, port } = address;
    return new DenoTcpLink(await Deno.connect({ hostname, port, signal: options.signal }), options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw failure(cause, `cannot dial ${address.href}`);
  }
}

/** Listens; see `Transport.listen`. */
// deno-lint-ignore require-await -- `Deno.listen` throws at once; here that must reject
export async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  let listener: Deno.TcpListener;
  try {
    listener = Deno.listen({ hostname: address.host, port: address.port, reusePort: options.reusePort });
  } catch (cause) {
    throw failure(cause, `cannot listen on ${address.href}`);
  }
  const { hostname: host, port } = listener.addr;
  const url = formatAddress({ scheme: "tcp", host, port });
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
        handler.onLink(new DenoTcpLink(await listener.accept(), options));
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

class DenoTcpLink extends BaseLink {
  readonly traits = TCP_TRAITS;
  readonly #conn: Deno.TcpConn;
  readonly #queue = new SendQueue();
  #writing = false;
  #reading = false;

  constructor(conn: Deno.TcpConn, options: TransportOptions) {
    super(urlOf(conn.localAddr), urlOf(conn.remoteAddr));
    this.#conn = conn;
    if (options.noDelay !== false) conn.setNoDelay(true);
    if (options.keepAlive !== false) conn.setKeepAlive(true);
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
    let buffer = new Uint8Array(LINK_READ_BYTES_MIN);
    try {
      while (true) {
        const count = await this.#conn.read(buffer);
        if (this.over) return;
        if (count === null) return this.finish();
        this.receiver?.onReceive(buffer.subarray(0, count));
        if (count === buffer.length && count < LINK_READ_BYTES_MAX) {
          buffer = new Uint8Array(LINK_READ_BYTES_MAX);
        }
      }
    } catch (cause) {
      this.fail(cause);
    }
  }
}

function urlOf({ hostname: host, port }: Deno.NetAddr): string {
  return formatAddress({ scheme: "tcp", host, port });
}

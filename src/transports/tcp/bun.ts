/**
 * TCP on Bun: `Bun.connect`, `Bun.listen`.
 *
 * A write is synchronous and may be partial: what is left waits for `drain`. The first send of a turn is written at
 * once; what follows in the same turn is joined to few writes at its end.
 *
 * @module
 */

import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { BaseLink } from "../base_link.ts";
import { bunListenFailure } from "../bun_failure.ts";
import { failure } from "../failure.ts";
import { SendQueue } from "../send_queue.ts";
import type { DialOptions } from "./mod.ts";
import { TCP_TRAITS } from "./traits.ts";

// The part of Bun's socket that is used; `data` is what its handlers find their link by.
interface BunSocket {
  data: BunTcpLink | undefined;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  write(bytes: Uint8Array): number;
  shutdown(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(on: boolean): boolean;
  setKeepAlive(on: boolean, delayMs?: number): boolean;
}

interface BunHandler {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  error(socket: BunSocket, cause: Error): void;
  close(socket: BunSocket, cause?: Error): void;
}

interface BunTcpOptions {
  readonly hostname: string;
  readonly port: number;
  readonly allowHalfOpen: true;
  readonly reusePort?: boolean;
  readonly socket: BunHandler;
}

declare const Bun: {
  connect(options: BunTcpOptions): Promise<BunSocket>;
  listen(options: BunTcpOptions): { readonly hostname: string; readonly port: number; stop(): void };
};

/** Opens a link; see `Transport.dial`. */
export function dial(address: Address, options: DialOptions): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  const { signal } = options;
  // Bun cannot give a dial up: what it opens after all is closed as soon as it is open.
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const onOpen = (socket: BunSocket) => {
    signal?.removeEventListener("abort", onAbort);
    const link = new BunTcpLink(socket, options);
    if (signal?.aborted) void link.close({ abort: true });
    else resolve(link);
  };
  Bun.connect({ hostname: address.host, port: address.port, allowHalfOpen: true, socket: handlerOf(onOpen) })
    .catch((cause) => {
      signal?.removeEventListener("abort", onAbort);
      reject(failure(cause, `cannot dial ${address.href}`));
    });
  return promise;
}

/** Listens; see `Transport.listen`. */
export async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  const onOpen = (socket: BunSocket) => handler.onLink(new BunTcpLink(socket, options));
  try {
    const { host: hostname, port } = address;
    const { reusePort } = options;
    const listener = Bun.listen({
      hostname,
      port,
      reusePort,
      allowHalfOpen: true,
      socket: handlerOf(onOpen),
    });
    const url = formatAddress({ scheme: "tcp", host: hostname, port: listener.port });
    return { url, close: () => Promise.resolve(listener.stop()) };
  } catch (cause) {
    throw await bunListenFailure(cause, address);
  }
}

function handlerOf(open: (socket: BunSocket) => void): BunHandler {
  return {
    binaryType: "uint8array",
    open,
    data: (socket, bytes) => socket.data?.onData(bytes),
    drain: (socket) => socket.data?.flush(),
    end: (socket) => socket.data?.onEnd(),
    error: (socket, cause) => socket.data?.onEnd(cause),
    close: (socket, cause) => socket.data?.onEnd(cause),
  };
}

class BunTcpLink extends BaseLink {
  readonly traits = TCP_TRAITS;
  readonly #socket: BunSocket;
  readonly #queue = new SendQueue();
  // While true, what is sent waits for a flush that is sure to come: now, at the end of this turn, or on `drain`.
  #corked = false;

  constructor(socket: BunSocket, options: TransportOptions) {
    super(urlOf(socket.localAddress, socket.localPort), urlOf(socket.remoteAddress, socket.remotePort));
    this.#socket = socket;
    socket.data = this;
    socket.setNoDelay(options.noDelay !== false);
    socket.setKeepAlive(options.keepAlive !== false);
    socket.pause();
  }

  onData(bytes: Uint8Array): void {
    this.receiver?.onReceive(bytes);
  }

  onEnd(cause?: Error): void {
    if (cause === undefined) this.finish();
    else this.fail(cause);
  }

  /** Writes what waits, until the kernel takes no more. */
  flush(): void {
    if (this.over) return;
    this.#corked = true;
    for (let bytes = this.#queue.next(); bytes !== undefined; bytes = this.#queue.next()) {
      const count = this.#socket.write(bytes);
      if (count < 0) return; // The socket is gone: its close handler follows.
      if (this.#queue.advance(count)) this.drained();
      if (count < bytes.length || this.over) return; // The rest waits for `drain`.
    }
    this.#corked = false;
    if (this.closing) this.#socket.shutdown();
  }

  protected get pending(): number {
    return this.#queue.bytes;
  }

  protected begin(): void {
    this.#socket.resume();
  }

  protected write(bytes: Uint8Array): boolean {
    this.#queue.push(bytes);
    if (!this.#corked) {
      this.flush();
      if (!this.#corked) {
        this.#corked = true;
        queueMicrotask(() => this.flush());
      }
    }
    if (this.#queue.bytes > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    return this.#queue.hasRoom();
  }

  protected end(): void {
    // The peer sees the end of our bytes and ends its side; what it still sends is read and dropped, because
    // closing a socket with bytes unread would reset the connection and destroy what the peer has not read yet.
    this.#socket.resume();
    if (!this.#corked) this.flush();
  }

  protected release(): void {
    this.#queue.clear();
    this.#socket.terminate();
  }
}

function urlOf(host: string, port: number): string {
  return formatAddress({ scheme: "tcp", host, port });
}

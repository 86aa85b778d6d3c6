/**
 * Stream sockets of Bun, whatever their family: how they are dialled and accepted, and the link over one.
 *
 * A write is synchronous and may be partial: what is left waits for `drain`. The first send of a turn is written at
 * once; what follows in the same turn is joined to few writes at its end.
 *
 * @module
 */

import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import { BaseLink } from "../base_link.ts";
import { SendQueue } from "../send_queue.ts";
import { SOCKET_TRAITS } from "./traits.ts";

/** The part of Bun's socket that is used; `data` is what its handlers find their link by. */
export interface BunSocket {
  data: BunSocketLink | undefined;
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

/** Where a socket is: of the internet, or a file. */
export type BunPlace =
  | { readonly hostname: string; readonly port: number; readonly reusePort?: boolean }
  | { readonly unix: string };

interface BunHandler {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  error(socket: BunSocket, cause: Error): void;
  close(socket: BunSocket, cause?: Error): void;
}

type BunSocketOptions = BunPlace & { readonly allowHalfOpen: true; readonly socket: BunHandler };

/** The part of Bun's listener that is used. */
export interface BunListener {
  readonly port: number;
  stop(): void;
}

declare const Bun: {
  connect(options: BunSocketOptions): Promise<BunSocket>;
  listen(options: BunSocketOptions): BunListener;
};

/** Opens a link; rejects with what the runtime said, or with the reason of `signal`. */
export function dialSocket(
  place: BunPlace,
  signal: AbortSignal | undefined,
  open: (socket: BunSocket) => BunSocketLink,
): Promise<BunSocketLink> {
  const { promise, resolve, reject } = Promise.withResolvers<BunSocketLink>();
  // Bun cannot give a dial up: what it opens after all is closed as soon as it is open.
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const onOpen = (socket: BunSocket) => {
    signal?.removeEventListener("abort", onAbort);
    const link = open(socket);
    if (signal?.aborted) void link.close({ abort: true });
    else resolve(link);
  };
  Bun.connect({ ...place, allowHalfOpen: true, socket: handlerOf(onOpen) }).catch((cause) => {
    signal?.removeEventListener("abort", onAbort);
    reject(cause);
  });
  return promise;
}

/** Listens; throws what the runtime says. */
export function listenSocket(place: BunPlace, onOpen: (socket: BunSocket) => void): BunListener {
  return Bun.listen({ ...place, allowHalfOpen: true, socket: handlerOf(onOpen) });
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

/** A link over one socket of Bun. */
export class BunSocketLink extends BaseLink {
  readonly traits = SOCKET_TRAITS;
  readonly #socket: BunSocket;
  readonly #queue = new SendQueue();
  // While true, what is sent waits for a flush that is sure to come: now, at the end of this turn, or on `drain`.
  #corked = false;

  constructor(socket: BunSocket, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#socket = socket;
    socket.data = this;
    socket.pause();
  }

  /** Bytes arrived. */
  onData(bytes: Uint8Array): void {
    this.receiver?.onReceive(bytes);
  }

  /** The socket ended, in an orderly way or by `cause`. */
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

  /** Whether the kernel has all that was sent. */
  get isFlushed(): boolean {
    return !this.over && this.#queue.bytes === 0;
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

/**
 * TCP on Node: `node:net`.
 *
 * The socket's own buffer is the queue. Its first write of a turn goes to the kernel at once; what follows in the
 * same turn is corked, and goes with one more system call.
 *
 * @module
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { LINK_HIGH_WATER_BYTES, LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { BaseLink } from "../base_link.ts";
import { failure } from "../failure.ts";
import { type DialOptions, TCP_TRAITS } from "./mod.ts";

/** Opens a link; see `Transport.dial`. */
export function dial(address: Address, options: DialOptions): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>();
  const { signal } = options;
  const socket = connect({ host: address.host, port: address.port, allowHalfOpen: true });
  const onAbort = () => {
    socket.once("close", () => reject(signal?.reason));
    socket.destroy();
  };
  const onError = (cause: unknown) => {
    signal?.removeEventListener("abort", onAbort);
    reject(failure(firstCause(cause), `cannot dial ${address.href}`));
  };
  socket.once("error", onError);
  socket.once("connect", () => {
    signal?.removeEventListener("abort", onAbort);
    socket.off("error", onError);
    resolve(new NodeTcpLink(socket, options));
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}

/** Listens; see `Transport.listen`. */
export async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  const server = createServer({ allowHalfOpen: true });
  server.on("connection", (socket) => {
    // A peer that is gone already has no address any more.
    if (socket.remoteAddress === undefined) socket.destroy();
    else handler.onLink(new NodeTcpLink(socket, options));
  });
  await bind(server, address, options);
  const { address: host, port } = server.address() as AddressInfo;
  const url = formatAddress({ scheme: "tcp", host, port });
  server.on("error", (cause) => {
    server.close();
    handler.onClose(failure(cause, `the listener of ${url} died`));
  });
  // `server.close` would wait for the links too, which live on: the socket itself is gone within the call.
  return { url, close: () => Promise.resolve(void server.close()) };
}

function bind(server: Server, address: Address, options: TransportOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (cause: unknown) => reject(failure(cause, `cannot listen on ${address.href}`));
  server.once("error", onError);
  server.listen({ host: address.host, port: address.port, reusePort: options.reusePort ?? false }, () => {
    server.off("error", onError);
    resolve();
  });
  return promise;
}

// Node tries several addresses of one name, and reports all failures together.
function firstCause(cause: unknown): unknown {
  return cause instanceof AggregateError ? cause.errors[0] : cause;
}

class NodeTcpLink extends BaseLink {
  readonly traits = TCP_TRAITS;
  readonly #socket: Socket;
  #corked = false;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  #gone: Promise<void>;

  constructor(socket: Socket, options: TransportOptions) {
    super(urlOf(socket.localAddress, socket.localPort), urlOf(socket.remoteAddress, socket.remotePort));
    this.#socket = socket;
    socket.setNoDelay(options.noDelay !== false);
    socket.setKeepAlive(options.keepAlive !== false);
    socket.on("error", (cause) => this.fail(cause));
    socket.on("end", () => this.finish());
    socket.on("drain", () => this.#onDrain());
    this.#gone = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  protected get pending(): number {
    return this.#socket.writableLength;
  }

  protected begin(): void {
    this.#socket.on("data", (bytes: Uint8Array) => this.receiver?.onReceive(bytes));
  }

  protected write(bytes: Uint8Array): boolean {
    this.#socket.write(bytes);
    if (!this.#corked) this.#cork();
    const { writableLength } = this.#socket;
    if (writableLength > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (writableLength > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(): void {
    // The peer sees the end of our bytes and ends its side; what it still sends is read and dropped, because
    // closing a socket with bytes unread would reset the connection and destroy what the peer has not read yet.
    this.#socket.end();
    this.#socket.resume();
  }

  protected release(): Promise<void> {
    this.#socket.destroy();
    return this.#gone;
  }

  #cork(): void {
    this.#corked = true;
    this.#socket.cork();
    queueMicrotask(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #onDrain(): void {
    if (!this.#awaited) return;
    this.#awaited = false;
    this.drained();
  }
}

function urlOf(host: string | undefined, port: number | undefined): string {
  return formatAddress({ scheme: "tcp", host, port });
}

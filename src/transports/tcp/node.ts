/**
 * TCP on Node: `node:net`.
 *
 * One write is in flight; what is sent before its callback, which comes at the end of the turn if the kernel had room,
 * is joined to the next. That was measured to be faster than corking the socket.
 *
 * @module
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { BaseLink } from "../base_link.ts";
import { failure } from "../failure.ts";
import { SendQueue } from "../send_queue.ts";
import type { DialOptions } from "./mod.ts";
import { TCP_TRAITS } from "./traits.ts";

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
  readonly #queue = new SendQueue();
  #writing = false;
  readonly #gone: Promise<void>;

  constructor(socket: Socket, options: TransportOptions) {
    super(urlOf(socket.localAddress, socket.localPort), urlOf(socket.remoteAddress, socket.remotePort));
    this.#socket = socket;
    socket.setNoDelay(options.noDelay !== false);
    socket.setKeepAlive(options.keepAlive !== false);
    socket.on("error", (cause) => this.fail(cause));
    socket.on("end", () => this.finish());
    this.#gone = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  protected get pending(): number {
    return this.#queue.bytes;
  }

  protected begin(): void {
    this.#socket.on("data", (bytes: Uint8Array) => this.receiver?.onReceive(bytes));
  }

  protected write(bytes: Uint8Array): boolean {
    this.#queue.push(bytes);
    if (!this.#writing) this.#write();
    if (this.#queue.bytes > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    return this.#queue.hasRoom();
  }

  protected end(): void {
    // The peer sees the end of our bytes and ends its side; what it still sends is read and dropped, because
    // closing a socket with bytes unread would reset the connection and destroy what the peer has not read yet.
    this.#socket.resume();
    if (!this.#writing) this.#socket.end();
  }

  protected release(): Promise<void> {
    this.#queue.clear();
    this.#socket.destroy();
    return this.#gone;
  }

  #write(): void {
    const bytes = this.#queue.next();
    this.#writing = bytes !== undefined;
    if (bytes === undefined) {
      if (this.closing) this.#socket.end();
      return;
    }
    this.#socket.write(bytes, (error) => {
      if (error || this.over) return; // The socket's own events tell the end.
      if (this.#queue.advance(bytes.length)) this.drained();
      this.#write();
    });
  }
}

function urlOf(host: string | undefined, port: number | undefined): string {
  return formatAddress({ scheme: "tcp", host, port });
}

/**
 * Stream sockets of `node:net`, whatever their family: how they are dialled and accepted, and the link over one.
 *
 * One write is in flight; what is sent before its callback, which comes at the end of the turn if the kernel had room,
 * is joined to the next. That was measured to be faster than corking the socket.
 *
 * @module
 */

import {
  connect,
  createServer,
  type ListenOptions,
  type NetConnectOpts,
  type Server,
  type Socket,
} from "node:net";
import { LINK_QUEUE_BYTES_MAX } from "../../limits.ts";
import type { Link, LinkTraits, ListenHandler, Listening } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { failure } from "../failure.ts";
import { SendQueue } from "../send_queue.ts";
import { SOCKET_TRAITS } from "./traits.ts";

/** Opens a socket for `open`; rejects with what the runtime said, with what `open` threw, or with the reason of `signal`. */
export function dialSocket<L>(
  target: NetConnectOpts,
  signal: AbortSignal | undefined,
  open: (socket: Socket) => L,
): Promise<L> {
  return opened(connect({ ...target, allowHalfOpen: true }), "connect", signal, open);
}

/**
 * Waits for `event` of a socket that is connecting, and hands it to `open` then and there, so that nothing which the
 * socket says from then on is lost. Nothing stays open when it rejects.
 */
export function opened<S extends Socket, L>(
  socket: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal | undefined,
  open: (socket: S) => L,
): Promise<L> {
  const { promise, resolve, reject } = Promise.withResolvers<L>();
  const onAbort = () => {
    socket.once("close", () => reject(signal?.reason));
    socket.destroy();
  };
  const onError = (cause: unknown) => {
    signal?.removeEventListener("abort", onAbort);
    socket.on("error", () => {}); // Whatever else it has to say.
    socket.destroy();
    reject(firstCause(cause));
  };
  socket.once("error", onError);
  socket.once(event, () => {
    signal?.removeEventListener("abort", onAbort);
    try {
      resolve(open(socket));
      socket.off("error", onError);
    } catch (cause) {
      onError(cause);
    }
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}

/** How a scheme listens. */
export interface SocketListen {
  /** Where to listen. */
  readonly where: ListenOptions;
  /** The URL of a server that listens. */
  urlOf(server: Server): string;
  /** Makes a link of a socket, or `undefined` if the peer is gone already. */
  open(socket: Socket): Link | undefined;
}

/** Listens; rejects with what the runtime said. */
export function listenSocket(how: SocketListen, handler: ListenHandler): Promise<Listening> {
  const server = createServer({ allowHalfOpen: true });
  server.on("connection", (socket) => {
    const link = how.open(socket);
    if (link === undefined) socket.destroy();
    else handler.onLink(link);
  });
  return bound(server, how, handler);
}

/** Binds a server that knows what to do with its sockets; rejects with what the runtime said. */
export async function bound(
  server: Server,
  { where, urlOf }: Pick<SocketListen, "where" | "urlOf">,
  handler: ListenHandler,
): Promise<Listening> {
  await bind(server, where);
  const url = urlOf(server);
  server.on("error", (cause) => {
    server.close();
    handler.onClose(failure(cause, `the listener of ${url} died`));
  });
  // `server.close` would wait for the links too, which live on: the socket itself is gone within the call.
  return { url, close: () => Promise.resolve(void server.close()) };
}

function bind(server: Server, where: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(where, () => {
    server.off("error", reject);
    resolve();
  });
  return promise;
}

// Node tries several addresses of one name, and reports all failures together.
function firstCause(cause: unknown): unknown {
  return cause instanceof AggregateError ? cause.errors[0] : cause;
}

const LINK = Symbol("link");

// What the listeners find their link by: listeners of its own would cost every link some hundred bytes.
type LinkedSocket = Socket & { [LINK]?: NodeSocketLink };

function onData(this: LinkedSocket, bytes: Uint8Array): void {
  this[LINK]?.onData(bytes);
}

function onEnd(this: LinkedSocket): void {
  this[LINK]?.onEnd();
}

function onError(this: LinkedSocket, cause: Error): void {
  this[LINK]?.onEnd(cause);
}

/** A link over one socket of `node:net`. */
export class NodeSocketLink extends BaseLink {
  readonly traits: LinkTraits;
  readonly #socket: Socket;
  readonly #queue = new SendQueue();
  // Bytes of the write in flight; 0 if there is none.
  #writing = 0;
  readonly #onWritten = (error?: Error | null) => this.#handleWritten(error);

  constructor(
    socket: LinkedSocket,
    localAddress: string,
    remoteAddress: string,
    traits: LinkTraits = SOCKET_TRAITS,
  ) {
    super(localAddress, remoteAddress);
    this.traits = traits;
    this.#socket = socket;
    socket[LINK] = this;
    socket.on("error", onError);
    socket.on("end", onEnd);
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

  /** Whether the kernel has all that was sent. */
  get isFlushed(): boolean {
    return !this.over && this.#queue.bytes === 0;
  }

  protected get pending(): number {
    return this.#queue.bytes;
  }

  protected begin(): void {
    this.#socket.on("data", onData);
  }

  protected write(bytes: Uint8Array): boolean {
    this.#queue.push(bytes);
    if (this.#writing === 0) this.#write();
    if (this.#queue.bytes > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    return this.#queue.hasRoom();
  }

  protected end(): void {
    // The peer sees the end of our bytes and ends its side; what it still sends is read and dropped, because
    // closing a socket with bytes unread would reset the connection and destroy what the peer has not read yet.
    this.#socket.resume();
    if (this.#writing === 0) this.#socket.end();
  }

  protected release(): Promise<void> {
    this.#queue.clear();
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#socket.closed) resolve();
    else this.#socket.once("close", () => resolve());
    this.#socket.destroy();
    return promise;
  }

  #write(): void {
    const bytes = this.#queue.next();
    this.#writing = bytes?.length ?? 0;
    if (bytes === undefined) {
      if (this.closing) this.#socket.end();
      return;
    }
    this.#socket.write(bytes, this.#onWritten);
  }

  #handleWritten(error: Error | null | undefined): void {
    if (error || this.over) return; // The socket's own events tell the end.
    if (this.#queue.advance(this.#writing)) this.drained();
    this.#write();
  }
}

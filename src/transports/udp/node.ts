/**
 * UDP over `node:dgram`: all there is on Node, and on Deno and Bun for the
 * options that their own sockets lack.
 *
 * @module
 */

import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { HawserError } from "../../errors.ts";
import { UDP_ERRORS_MAX } from "../../limits.ts";
import { failure } from "../failure.ts";
import { runtime } from "../runtime.ts";
import { SendWindow } from "./send_window.ts";
import { udpUrl } from "./source.ts";
import { isRefusal, type UdpSocket, type UdpSocketHandler, type UdpSocketOptions } from "./socket.ts";

type Lookup = (
  host: string,
  family: unknown,
  found: (error: null, address: string, family: number) => void,
) => void;

/** Deno's `node:dgram` connects in name only: the kernel neither filters nor reports. */
const CONNECTS = runtime !== "deno";

/** Opens a socket with `node:dgram`. */
export async function open(options: UdpSocketOptions, handler: UdpSocketHandler): Promise<UdpSocket> {
  refuseMissing(options);
  const family = options.host.includes(":") ? 6 : 4;
  // Hosts are IP addresses already; the built-in lookup would defer each send by a turn.
  const lookup: Lookup = (host, _family, found) => found(null, host, family);
  const socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    reuseAddr: options.reuseAddress,
    reusePort: options.reusePort,
    lookup,
  } as SocketOptions);
  try {
    await bind(socket, options);
    configure(socket, options);
    const connected = CONNECTS && options.remote !== undefined;
    if (connected) await connect(socket, options.remote!);
    return new NodeUdpSocket(socket, handler, connected);
  } catch (error) {
    await new Promise<void>((resolve) => end(socket, resolve));
    throw failure(error, `cannot open ${udpUrl(options.host, options.port)}`);
  }
}

/** Deno's `node:dgram` accepts these without doing them (seen on 2.9.6). */
function refuseMissing(options: UdpSocketOptions): void {
  if (runtime !== "deno") return;
  const missing = options.reusePort
    ? "share a UDP port (reusePort); listen on one port per process"
    : options.receiveBufferBytes !== undefined || options.sendBufferBytes !== undefined
    ? "set the kernel's buffers of a UDP socket (receiveBufferBytes, sendBufferBytes); " +
      "raise net.core.rmem_default and wmem_default instead"
    : undefined;
  if (missing === undefined) return;
  throw new HawserError("unsupported", `Deno cannot ${missing}, or run on Bun or Node`);
}

function bind(socket: Socket, { host, port }: UdpSocketOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("listening", () => {
      socket.off("error", reject);
      resolve();
    });
    socket.bind({ address: host, port });
  });
}

function connect(socket: Socket, remote: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.connect(remote.port, remote.host, (error?: Error) => error ? reject(error) : resolve());
  });
}

function configure(socket: Socket, options: UdpSocketOptions): void {
  if (options.broadcast) socket.setBroadcast(true);
  if (options.ttl !== undefined) socket.setTTL(options.ttl);
  if (options.receiveBufferBytes !== undefined) socket.setRecvBufferSize(options.receiveBufferBytes);
  if (options.sendBufferBytes !== undefined) socket.setSendBufferSize(options.sendBufferBytes);
  const { multicast } = options;
  if (multicast === undefined) return;
  for (const group of multicast.groups) socket.addMembership(group, multicast.interface);
  if (multicast.interface !== undefined) socket.setMulticastInterface(multicast.interface);
  if (multicast.ttl !== undefined) socket.setMulticastTTL(multicast.ttl);
  if (multicast.loopback !== undefined) socket.setMulticastLoopback(multicast.loopback);
}

/** Closes `socket`, whatever state it is in. */
function end(socket: Socket, onGone: () => void): void {
  try {
    socket.once("close", onGone);
    socket.close();
  } catch {
    onGone(); // It had never been bound, or is closed.
  }
}

class NodeUdpSocket implements UdpSocket {
  readonly host: string;
  readonly port: number;
  readonly filtered: boolean;
  readonly #socket: Socket;
  readonly #handler: UdpSocketHandler;
  readonly #window: SendWindow;
  #errors = 0;
  #closed: Promise<void> | undefined;

  constructor(socket: Socket, handler: UdpSocketHandler, connected: boolean) {
    this.#socket = socket;
    this.#handler = handler;
    this.filtered = connected;
    this.#window = new SendWindow(() => handler.onDrain());
    const { address, port } = socket.address();
    this.host = address;
    this.port = port;
    socket.on("message", (bytes, { address, port }) => {
      this.#errors = 0;
      if (this.#closed !== undefined) return;
      handler.onDatagram(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), address, port);
    });
    socket.on("error", (error) => this.#onError(error));
  }

  get congested(): boolean {
    return this.#window.congested;
  }

  get dropped(): number {
    return this.#window.dropped;
  }

  send(bytes: Uint8Array, host: string, port: number): boolean {
    if (!this.#window.enter()) return false;
    try {
      if (this.filtered) this.#socket.send(bytes, this.#onSent);
      else this.#socket.send(bytes, port, host, this.#onSent);
    } catch (error) {
      this.#onSent(error as Error);
      return false;
    }
    return true;
  }

  close(abort: boolean): Promise<void> {
    this.#closed ??= this.#end();
    if (abort) this.#window.giveUp();
    return this.#closed;
  }

  readonly #onSent = (error: Error | null): void => {
    if (error) {
      this.#window.dropped++;
      if (this.#closed === undefined && isRefusal(error)) this.#handler.onRefused();
    }
    this.#window.leave();
  };

  async #end(): Promise<void> {
    await this.#window.idle();
    await new Promise<void>((resolve) => end(this.#socket, resolve));
  }

  #onError(error: Error): void {
    if (this.#closed !== undefined) return;
    if (isRefusal(error)) return this.#handler.onRefused();
    if (++this.#errors < UDP_ERRORS_MAX) return;
    this.#closed = new Promise((resolve) => end(this.#socket, resolve));
    this.#handler.onDeath(failure(error, "the UDP socket died"));
  }
}

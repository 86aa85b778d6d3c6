/**
 * UDP over `Bun.udpSocket`.
 *
 * `send` hands a datagram to the kernel at once. `sendMany` was measured to be
 * a tenth faster for batches of 64, and is not used: it would have to hold
 * datagrams back until the end of the turn.
 *
 * @module
 */

import { UDP_SEND_HIGH } from "../../limits.ts";
import { failure } from "../failure.ts";
import { udpUrl } from "./source.ts";
import { isRefusal, type UdpSocket, type UdpSocketHandler, type UdpSocketOptions } from "./socket.ts";

interface BunUdpSocket {
  readonly closed: boolean;
  readonly address: { readonly address: string; readonly port: number };
  send(bytes: Uint8Array, port?: number, host?: string): boolean;
  setBroadcast(on: boolean): boolean;
  close(): void;
}

interface BunUdpOptions {
  readonly hostname: string;
  readonly port: number;
  readonly binaryType: "uint8array";
  readonly connect?: { readonly hostname: string; readonly port: number };
  readonly socket: {
    data(socket: BunUdpSocket, bytes: Uint8Array, port: number, host: string): void;
    drain(socket: BunUdpSocket): void;
    error(error: Error): void;
  };
}

type OpenBun = (options: BunUdpOptions) => Promise<BunUdpSocket>;

const bun = (globalThis as { Bun?: { udpSocket: OpenBun } }).Bun;

/** Opens a socket with `Bun.udpSocket`; options other than the addresses and `broadcast` are not its own. */
export async function open(options: UdpSocketOptions, handler: UdpSocketHandler): Promise<UdpSocket> {
  const socket = new BunSocket(handler);
  try {
    await socket.open(options);
  } catch (error) {
    await socket.close();
    throw failure(error, `cannot open ${udpUrl(options.host, options.port)}`);
  }
  return socket;
}

class BunSocket implements UdpSocket {
  host = "";
  port = 0;
  filtered = false;
  dropped = 0;
  readonly #handler: UdpSocketHandler;
  // Undefined until it is open.
  #socket: BunUdpSocket | undefined;
  #closed = false;
  // Datagrams sent since the event loop last came round.
  #burst = 0;
  // The kernel's buffer is full; Bun's `drain` ends that.
  #blocked = false;

  constructor(handler: UdpSocketHandler) {
    this.#handler = handler;
  }

  async open({ host, port, remote, broadcast }: UdpSocketOptions): Promise<void> {
    this.filtered = remote !== undefined;
    const socket = await bun!.udpSocket({
      hostname: host,
      port,
      binaryType: "uint8array",
      ...(remote === undefined ? {} : { connect: { hostname: remote.host, port: remote.port } }),
      socket: {
        data: (_socket, bytes, port, host) => {
          if (!this.#closed) this.#handler.onDatagram(bytes, host, port);
        },
        drain: () => this.#drain(),
        error: (error) => {
          if (!this.#closed && isRefusal(error)) this.#handler.onRefused();
        },
      },
    });
    this.#socket = socket;
    if (broadcast) socket.setBroadcast(true);
    this.host = socket.address.address;
    this.port = socket.address.port;
  }

  get congested(): boolean {
    return this.#blocked || this.#burst >= UDP_SEND_HIGH;
  }

  send(bytes: Uint8Array, host: string, port: number): boolean {
    let sent = false;
    try {
      if (!this.#blocked) {
        sent = this.filtered ? this.#socket!.send(bytes) : this.#socket!.send(bytes, port, host);
        this.#blocked = !sent;
      }
    } catch (error) {
      this.#judge(error);
    }
    if (!sent) {
      this.dropped++;
      return false;
    }
    // Without a turn between, a sender would starve whoever receives on the same event loop.
    if (++this.#burst === UDP_SEND_HIGH) setImmediate(this.#onTurn);
    return true;
  }

  close(): Promise<void> {
    if (!this.#closed) this.#socket?.close();
    this.#closed = true;
    return Promise.resolve();
  }

  readonly #onTurn = (): void => {
    this.#burst = 0;
    if (!this.#blocked && !this.#closed) this.#handler.onDrain();
  };

  #drain(): void {
    if (!this.#blocked || this.#closed) return;
    this.#blocked = false;
    if (this.#burst < UDP_SEND_HIGH) this.#handler.onDrain();
  }

  #judge(error: unknown): void {
    if (this.#closed) return;
    if (isRefusal(error)) this.#handler.onRefused();
    if (!this.#socket?.closed || this.#closed) return;
    this.#closed = true;
    this.#handler.onDeath(failure(error, "the UDP socket died"));
  }
}

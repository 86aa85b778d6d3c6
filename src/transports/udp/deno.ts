/**
 * UDP over `Deno.listenDatagram`, which needs `--unstable-net`.
 *
 * Deno's own socket has no options and no `connect`: no time to live, no
 * buffer sizes, no multicast settings without a membership, no word of refused
 * datagrams. Whoever asks for options gets `node:dgram` (see mod.ts).
 *
 * While it has anything else to do, Deno looks at its sockets only every 61
 * turns (tokio's event interval): a sender that never rests overflows the kernel
 * buffer of a receiver in its own process. Flow control above prevents that.
 *
 * @module
 */

import { UDP_ERRORS_MAX } from "../../limits.ts";
import { failure } from "../failure.ts";
import { SendWindow } from "./send_window.ts";
import { udpUrl } from "./source.ts";
import { isRefusal, type UdpSocket, type UdpSocketHandler, type UdpSocketOptions } from "./socket.ts";

interface DenoAddress {
  readonly transport: "udp";
  readonly hostname: string;
  readonly port: number;
}

interface DenoDatagramConn {
  readonly addr: DenoAddress;
  receive(buffer: Uint8Array): Promise<[Uint8Array, DenoAddress]>;
  send(bytes: Uint8Array, address: DenoAddress): Promise<number>;
  close(): void;
}

type ListenDatagram = (options: DenoAddress & { reuseAddress: boolean }) => DenoDatagramConn;

/** The largest datagram there can be: a shorter buffer would cut what arrives without a word. */
const RECEIVE_BYTES = 65_536;

const listenDatagram = (globalThis as { Deno?: { listenDatagram?: ListenDatagram } }).Deno?.listenDatagram;

/** Whether `Deno.listenDatagram` is there: Deno runs with `--unstable-net`. */
export const available: boolean = listenDatagram !== undefined;

/** Opens a socket with `Deno.listenDatagram`; options other than the address and `reuseAddress` are not its own. */
export function open(options: UdpSocketOptions, handler: UdpSocketHandler): Promise<UdpSocket> {
  const { host, port, reuseAddress } = options;
  try {
    const connection = listenDatagram!({ transport: "udp", hostname: host, port, reuseAddress });
    return Promise.resolve(new DenoUdpSocket(connection, handler));
  } catch (error) {
    return Promise.reject(failure(error, `cannot open ${udpUrl(host, port)}`));
  }
}

class DenoUdpSocket implements UdpSocket {
  readonly host: string;
  readonly port: number;
  readonly filtered = false;
  readonly #connection: DenoDatagramConn;
  readonly #handler: UdpSocketHandler;
  readonly #window: SendWindow;
  readonly #receiving: Promise<void>;
  // The last target, kept because most sends go where the one before went.
  #target: DenoAddress = { transport: "udp", hostname: "", port: 0 };
  #closed: Promise<void> | undefined;

  constructor(connection: DenoDatagramConn, handler: UdpSocketHandler) {
    this.#connection = connection;
    this.#handler = handler;
    this.host = connection.addr.hostname;
    this.port = connection.addr.port;
    this.#window = new SendWindow(() => handler.onDrain());
    this.#receiving = this.#receive();
  }

  get congested(): boolean {
    return this.#window.congested;
  }

  get dropped(): number {
    return this.#window.dropped;
  }

  send(bytes: Uint8Array, host: string, port: number): boolean {
    if (!this.#window.enter()) return false;
    if (this.#target.port !== port || this.#target.hostname !== host) {
      this.#target = { transport: "udp", hostname: host, port };
    }
    this.#connection.send(bytes, this.#target).then(this.#onSent, this.#onRefusedByKernel);
    return true;
  }

  close(abort: boolean): Promise<void> {
    this.#closed ??= this.#end();
    if (abort) this.#window.giveUp();
    return this.#closed;
  }

  readonly #onSent = (): void => this.#window.leave();

  readonly #onRefusedByKernel = (): void => {
    this.#window.dropped++;
    this.#window.leave();
  };

  async #end(): Promise<void> {
    await this.#window.idle();
    this.#connection.close();
    await this.#receiving;
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(RECEIVE_BYTES);
    let errors = 0;
    while (true) {
      try {
        const [bytes, from] = await this.#connection.receive(buffer);
        errors = 0;
        if (this.#closed === undefined) this.#handler.onDatagram(bytes, from.hostname, from.port);
      } catch (error) {
        if (this.#closed !== undefined) return;
        if (isRefusal(error) || ++errors < UDP_ERRORS_MAX) continue;
        this.#connection.close();
        this.#closed = Promise.resolve();
        return this.#handler.onDeath(failure(error, "the UDP socket died"));
      }
    }
  }
}

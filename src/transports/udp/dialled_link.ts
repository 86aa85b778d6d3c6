/**
 * A UDP link over a socket of its own.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { UDP_EARLY_MAX } from "../../limits.ts";
import type { Link, LinkCloseOptions, LinkHandler, LinkTraits } from "../../link.ts";
import { udpUrl } from "./source.ts";
import type { OpenUdpSocket, UdpSocket, UdpSocketOptions } from "./socket.ts";

/** What every UDP link is. */
export function udpTraits(mtu: number): LinkTraits {
  return { kind: "datagram", reliable: false, ordered: false, mtu, encrypted: false, nativeStreams: false };
}

/** Where a dialled link sends, and what it lets in. */
export interface UdpTarget {
  readonly host: string;
  readonly port: number;
  /** A group or a broadcast address: answers come from elsewhere, and all are let in. */
  readonly shared: boolean;
}

/** A link over a socket of its own: what dialling makes. */
export class DialledUdpLink implements Link {
  readonly traits: LinkTraits;
  readonly remoteAddress: string;
  readonly #target: UdpTarget;
  #socket!: UdpSocket;
  #handler: LinkHandler | undefined;
  // Invariant: empty once `start` was called.
  #early: Uint8Array[] = [];
  #heard = false;
  #dropped = 0;
  // Defined as soon as nothing may be sent or delivered any more.
  #closed: Promise<void> | undefined;
  // Defined once the socket is gone.
  #end: { readonly error: HawserError | undefined } | undefined;

  private constructor(target: UdpTarget, mtu: number) {
    this.traits = udpTraits(mtu);
    this.#target = target;
    this.remoteAddress = udpUrl(target.host, target.port);
  }

  /**
   * Opens the socket and the link over it.
   * @throws {HawserError} what `open` throws.
   */
  static async open(
    open: OpenUdpSocket,
    target: UdpTarget,
    mtu: number,
    options: UdpSocketOptions,
  ): Promise<DialledUdpLink> {
    const link = new DialledUdpLink(target, mtu);
    link.#socket = await open(options, {
      onDatagram: (bytes, host, port) => link.#receive(bytes, host, port),
      onDrain: () => {
        if (link.#closed === undefined) link.#handler?.onDrain();
      },
      onRefused: () => link.#refuse(),
      onDeath: (error) => void link.#close(true, error),
    });
    return link;
  }

  /** Datagrams that were not sent, or not let in. */
  get dropped(): number {
    return this.#dropped + this.#socket.dropped;
  }

  get localAddress(): string {
    return udpUrl(this.#socket.host, this.#socket.port);
  }

  start(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new TypeError("start was called before; a link has one handler");
    this.#handler = handler;
    for (const bytes of this.#early.splice(0)) {
      if (this.#closed === undefined) handler.onReceive(bytes);
    }
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => handler.onClose(end.error));
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closed !== undefined) return true; // No drain will follow.
    if (bytes.length > this.traits.mtu!) this.#dropped++;
    else this.#socket.send(bytes, this.#target.host, this.#target.port);
    return !this.#socket.congested;
  }

  close(options: LinkCloseOptions = {}): Promise<void> {
    return this.#close(options.abort ?? false);
  }

  #receive(bytes: Uint8Array, host: string, port: number): void {
    if (this.#closed !== undefined) return;
    if (!this.#isWelcome(host, port)) {
      this.#dropped++;
      return;
    }
    this.#heard = true;
    if (this.#handler !== undefined) this.#handler.onReceive(bytes);
    else if (this.#early.length < UDP_EARLY_MAX) this.#early.push(new Uint8Array(bytes));
    else this.#dropped++;
  }

  #isWelcome(host: string, port: number): boolean {
    const target = this.#target;
    return this.#socket.filtered || target.shared || (port === target.port && host === target.host);
  }

  /** Only before anything was heard: later it may be a restart, or forged. */
  #refuse(): void {
    if (this.#heard) return;
    const message = `nobody listens at ${this.remoteAddress}; start the listener first`;
    void this.#close(true, new HawserError("connection-refused", message));
  }

  #close(abort: boolean, error?: HawserError): Promise<void> {
    if (this.#closed === undefined) this.#closed = this.#socket.close(abort).then(() => this.#finish(error));
    else if (abort) void this.#socket.close(true);
    return this.#closed;
  }

  #finish(error: HawserError | undefined): void {
    this.#end = { error };
    this.#handler?.onClose(error);
  }
}

/**
 * A UDP listener, and the links over its one socket.
 *
 * @module
 */

import type { HawserError } from "../../errors.ts";
import type { DatagramSource, Link, LinkHandler, LinkTraits, ListenHandler, Listening } from "../../link.ts";
import { udpTraits } from "./dialled_link.ts";
import type { OpenUdpSocket, UdpSocket, UdpSocketOptions } from "./socket.ts";
import { SourceCache, sourceOf, type UdpSource, udpUrl } from "./source.ts";

/** A bound UDP socket that takes datagrams from anybody. */
export class UdpListening implements Listening {
  readonly #mtu: number;
  readonly #handler: ListenHandler;
  readonly #sources = new SourceCache();
  readonly #links = new Set<ListenerUdpLink>();
  // Links whose last send was answered with `false`.
  #waiting = new Set<ListenerUdpLink>();
  #socket!: UdpSocket;
  #dropped = 0;
  #closed: Promise<void> | undefined;

  private constructor(mtu: number, handler: ListenHandler) {
    this.#mtu = mtu;
    this.#handler = handler;
  }

  /**
   * Binds the socket.
   * @throws {HawserError} what `open` throws.
   */
  static async open(
    open: OpenUdpSocket,
    mtu: number,
    options: UdpSocketOptions,
    handler: ListenHandler,
  ): Promise<UdpListening> {
    const listening = new UdpListening(mtu, handler);
    listening.#socket = await open(options, {
      onDatagram: (bytes, host, port) => handler.onDatagram(bytes, listening.#sources.find(host, port)),
      onDrain: () => listening.#drain(),
      onRefused: () => {}, // One of many addresses, and any host may claim it.
      onDeath: (error) => listening.#die(error),
    });
    return listening;
  }

  get url(): string {
    return udpUrl(this.#socket.host, this.#socket.port);
  }

  /** Datagrams that were not sent: too long, or more than the socket could take. */
  get dropped(): number {
    return this.#dropped + this.#socket.dropped;
  }

  /** Whether more is on its way to the kernel than is good. */
  get congested(): boolean {
    return this.#socket.congested;
  }

  sendTo(bytes: Uint8Array, source: DatagramSource): boolean {
    if (this.#closed !== undefined || bytes.length > this.#mtu) {
      this.#dropped++;
      return false;
    }
    const { host, port } = sourceOf(source);
    return this.#socket.send(bytes, host, port);
  }

  link(source: DatagramSource): Link {
    const link = new ListenerUdpLink(this, sourceOf(source), udpTraits(this.#mtu));
    if (this.#closed === undefined) this.#links.add(link);
    else link.end();
    return link;
  }

  /** `link` is told when the socket has room again. */
  enqueue(link: ListenerUdpLink): void {
    this.#waiting.add(link);
  }

  /** `link` has ended. */
  forget(link: ListenerUdpLink): void {
    this.#links.delete(link);
    this.#waiting.delete(link);
  }

  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = this.#socket.close(false);
      this.#endLinks();
    }
    return this.#closed;
  }

  #drain(): void {
    if (this.#closed !== undefined) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const link of waiting) link.drain(); // Each may send at least once, so none starves.
  }

  #die(error: HawserError): void {
    this.#closed = this.#socket.close(true);
    this.#endLinks(error);
    this.#handler.onClose(error);
  }

  #endLinks(error?: HawserError): void {
    for (const link of [...this.#links]) link.end(error);
  }
}

/** A link to one address over the socket of a listener. What arrives goes to the listener's handler. */
export class ListenerUdpLink implements Link {
  readonly traits: LinkTraits;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly #listening: UdpListening;
  readonly #source: UdpSource;
  #handler: LinkHandler | undefined;
  // Defined as soon as nothing may be sent any more.
  #closed: Promise<void> | undefined;
  // Defined once `onClose` is due.
  #end: { readonly error: HawserError | undefined } | undefined;

  /** Made by {@linkcode UdpListening.link}. */
  constructor(listening: UdpListening, source: UdpSource, traits: LinkTraits) {
    this.#listening = listening;
    this.#source = source;
    this.traits = traits;
    this.localAddress = listening.url;
    this.remoteAddress = source.address;
  }

  start(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new TypeError("start was called before; a link has one handler");
    this.#handler = handler;
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => handler.onClose(end.error));
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closed !== undefined) return true; // No drain will follow.
    this.#listening.sendTo(bytes, this.#source);
    if (!this.#listening.congested) return true;
    this.#listening.enqueue(this);
    return false;
  }

  /** Resolves once `onClose` was told; the socket stays the listener's. */
  close(): Promise<void> {
    return this.end();
  }

  /** The socket has room again. */
  drain(): void {
    if (this.#closed === undefined) this.#handler?.onDrain();
  }

  /** Ends the link, because its user or its listener did. */
  end(error?: HawserError): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    this.#listening.forget(this);
    this.#closed = Promise.resolve().then(() => {
      this.#end = { error };
      this.#handler?.onClose(error);
    });
    return this.#closed;
  }
}

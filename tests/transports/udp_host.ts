/**
 * A UDP listener for tests.
 *
 * @module
 */

import type { DatagramSource, Listening, TransportOptions } from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { udp } from "../../src/transports/udp/mod.ts";

/** A listener that remembers who sent to it, and may answer. */
export class UdpHost {
  /** Datagrams that arrived. */
  count = 0;
  /** The sender of the last datagram. */
  last: DatagramSource | undefined;
  /** The keys of all senders. */
  readonly keys: Set<string> = new Set();
  readonly #sources = new Set<string>();
  #listening!: Listening;
  #onCount: (() => void) | undefined;

  /** Sends everything back to where it came from. */
  static echo(options: TransportOptions = {}, host = "127.0.0.1", port = 0): Promise<UdpHost> {
    return UdpHost.#listen(options, host, port, true);
  }

  /** Counts what arrives. */
  static sink(options: TransportOptions = {}): Promise<UdpHost> {
    return UdpHost.#listen(options, "127.0.0.1", 0, false);
  }

  static async #listen(
    options: TransportOptions,
    name: string,
    port: number,
    echo: boolean,
  ): Promise<UdpHost> {
    const host = new UdpHost();
    host.#listening = await udp.listen(parseAddress(`udp://${name}:${port}`), options, {
      onLink: () => {},
      onDatagram: (bytes, source) => host.#receive(bytes, source, echo),
      onClose: () => {},
    });
    return host;
  }

  get listening(): Listening {
    return this.#listening;
  }

  get url(): string {
    return this.#listening.url;
  }

  /** The addresses of all senders. */
  get sources(): string[] {
    return [...this.#sources];
  }

  /** Resolves when `count` datagrams have arrived. */
  async heard(count: number): Promise<void> {
    while (this.count < count) await new Promise<void>((resolve) => this.#onCount = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening.close();
  }

  #receive(bytes: Uint8Array, source: DatagramSource, echo: boolean): void {
    this.count++;
    this.last = source;
    this.keys.add(source.key);
    this.#sources.add(source.address);
    if (echo) this.#listening.sendTo!(bytes.slice(), source);
    this.#onCount?.();
  }
}

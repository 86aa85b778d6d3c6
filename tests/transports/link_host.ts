/**
 * A listener for tests of links, and what a link delivers.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { HawserError } from "../../src/errors.ts";
import type {
  Link,
  LinkHandler,
  ListenHandler,
  Listening,
  Transport,
  TransportOptions,
} from "../../src/link.ts";
import { parseAddress } from "../../src/transports/address.ts";

/** Listens and hands out the links that it accepted, in their order. */
export class LinkHost {
  /** What others dial. */
  readonly url: string;
  readonly #listening: Listening;
  readonly #accepted: AcceptedLinks;

  private constructor(listening: Listening, accepted: AcceptedLinks) {
    this.url = listening.url;
    this.#listening = listening;
    this.#accepted = accepted;
  }

  /** Listens on `url`. */
  static async listen(transport: Transport, url: string, options: TransportOptions = {}): Promise<LinkHost> {
    const accepted = new AcceptedLinks();
    return new LinkHost(await transport.listen(parseAddress(url), options, accepted), accepted);
  }

  /** The next link that nobody has taken. */
  accept(): Promise<Link> {
    return this.#accepted.next();
  }

  /** Stops listening. */
  close(): Promise<void> {
    return this.#listening.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.#accepted.abortUntaken();
  }
}

class AcceptedLinks implements ListenHandler {
  readonly #links: Link[] = [];
  readonly #waiting: ((link: Link) => void)[] = [];

  next(): Promise<Link> {
    const link = this.#links.shift();
    if (link !== undefined) return Promise.resolve(link);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  abortUntaken(): void {
    for (const link of this.#links) void link.close({ abort: true });
  }

  onLink(link: Link): void {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) this.#links.push(link);
    else resolve(link);
  }

  onDatagram(): void {
    throw new Error("a link transport delivered a datagram");
  }

  onClose(error?: HawserError): void {
    throw new Error(`the listener died: ${error?.message}`);
  }
}

/** Two ends of one link over a listener of their own. */
export class LinkPair {
  readonly host: LinkHost;
  readonly near: Link;
  readonly far: Link;

  private constructor(host: LinkHost, near: Link, far: Link) {
    this.host = host;
    this.near = near;
    this.far = far;
  }

  /** Listens, dials and accepts. */
  static async open(transport: Transport, url: string, options: TransportOptions = {}): Promise<LinkPair> {
    const host = await LinkHost.listen(transport, url, options);
    const near = await transport.dial(parseAddress(host.url), options);
    return new LinkPair(host, near, await host.accept());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.near.close({ abort: true }), this.far.close({ abort: true }), this.host.close()]);
  }
}

/** Counts and digests what arrives, in constant memory. */
export class Meter implements LinkHandler {
  bytes = 0;
  pieces = 0;
  readonly #hash = createHash("sha256");
  readonly #goals: { readonly bytes: number; readonly resolve: () => void }[] = [];
  readonly #drains: (() => void)[] = [];
  /** Resolves with the error, if any, when the link is gone. */
  readonly ended: Promise<HawserError | undefined>;
  #onEnded!: (error?: HawserError) => void;

  constructor() {
    this.ended = new Promise((resolve) => this.#onEnded = resolve);
  }

  /** Resolves once this many bytes arrived in all. */
  reached(bytes: number): Promise<void> {
    if (this.bytes >= bytes) return Promise.resolve();
    return new Promise((resolve) => this.#goals.push({ bytes, resolve }));
  }

  /** Resolves with the next drain. */
  drained(): Promise<void> {
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  /** SHA-256 of all that arrived; ends the count. */
  digest(): string {
    return this.#hash.digest("hex");
  }

  onReceive(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.bytes += bytes.length;
    this.pieces++;
    while (this.#goals.length > 0 && this.bytes >= this.#goals[0].bytes) this.#goals.shift()!.resolve();
  }

  onDrain(): void {
    for (const resolve of this.#drains.splice(0)) resolve();
  }

  onClose(error?: HawserError): void {
    this.#onEnded(error);
  }
}

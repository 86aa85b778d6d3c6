/**
 * The link over one QUIC connection: its first stream carries the link's bytes, and further streams and datagrams can
 * be had beside it. The connection ends with the link.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Link, LinkTraits } from "../../link.ts";
import { CLOSE_CODES, type QuicConnection, type QuicHandler, type QuicStream } from "./connection.ts";
import { QuicStreamLink, STREAM_TRAITS } from "./stream_link.ts";

const TRAITS: LinkTraits = { ...STREAM_TRAITS, nativeStreams: true };

/** A link over a QUIC connection. */
export class QuicLink extends QuicStreamLink implements QuicHandler {
  override readonly traits: LinkTraits = TRAITS;
  readonly #connection: QuicConnection;
  readonly #streams = new Set<QuicStreamLink>();
  // Streams of the peer that came before the start. The peer may have only so many open.
  #early: QuicStream[] | undefined = [];

  /** `opener`: whether we dialled, and opened `stream`. */
  constructor(connection: QuicConnection, stream: QuicStream, opener: boolean) {
    const { localAddress, remoteAddress } = connection;
    super({ stream, localAddress, remoteAddress, opener });
    this.#connection = connection;
    connection.handler = this;
  }

  /** See `Link.openStream`. */
  async openStream(): Promise<Link> {
    if (this.over || this.closing) {
      throw new HawserError("closed", `the link to ${this.remoteAddress} is closed`);
    }
    return this.#add(await this.#connection.openStream(), true);
  }

  /** See `Link.datagramBytesMax`. */
  get datagramBytesMax(): number {
    return this.over ? 0 : this.#connection.datagramBytesMax;
  }

  /** See `Link.sendDatagram`. */
  sendDatagram(bytes: Uint8Array): boolean {
    if (this.over || this.closing || bytes.length > this.#connection.datagramBytesMax) return false;
    return this.#connection.sendDatagram(bytes);
  }

  onStream(stream: QuicStream): void {
    if (this.#early !== undefined) this.#early.push(stream);
    else this.#offer(stream);
  }

  onDatagram(bytes: Uint8Array): void {
    this.receiver?.onDatagram?.(bytes);
  }

  onClose(cause: unknown): void {
    this.cut(cause);
  }

  protected override begin(): void {
    super.begin();
    const early = this.#early ?? [];
    this.#early = undefined;
    if (early.length > 0) queueMicrotask(() => early.forEach((stream) => this.#offer(stream)));
  }

  protected override release(): void {
    super.release();
    this.#connection.close(this.ended ? CLOSE_CODES.done : CLOSE_CODES.aborted);
    for (const stream of this.#streams) stream.cut(undefined);
    for (const stream of this.#early ?? []) stream.reset();
    this.#early = undefined;
  }

  #offer(stream: QuicStream): void {
    const handler = this.receiver;
    if (handler?.onStream === undefined) stream.reset();
    else handler.onStream(this.#add(stream, false));
  }

  #add(stream: QuicStream, opener: boolean): QuicStreamLink {
    const { localAddress, remoteAddress } = this;
    const onOver = (link: QuicStreamLink) => void this.#streams.delete(link);
    const link = new QuicStreamLink({ stream, localAddress, remoteAddress, opener, onOver });
    if (this.over) link.cut(undefined);
    else this.#streams.add(link);
    return link;
  }
}

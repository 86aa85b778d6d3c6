/**
 * A client that says whatever a test wants, over Deno's QUIC.
 *
 * @module
 */

import type { HawserError } from "../../../src/errors.ts";
import type { Link, Listening, TransportOptions } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { encodeFrame, FrameReader, FRAMES } from "../../../src/transports/wt/http3/frames.ts";
import { encodeFields } from "../../../src/transports/wt/http3/qpack.ts";
import { readFields } from "../../../src/transports/wt/http3/reading.ts";
import type { Field } from "../../../src/transports/wt/http3/static_table.ts";
import { wt } from "../../../src/transports/wt/mod.ts";
import { placeOf } from "../../../src/transports/wt/place.ts";
import { requestFields } from "../../../src/transports/wt/request.ts";

/** The path that the listener serves. */
export const PATH = "/hawser";

/** A listener, and one connection to it that has said nothing yet. */
export class RawClient implements AsyncDisposable {
  readonly conn: Deno.QuicConn;
  /** Links that the listener made. */
  readonly links: Link[];
  /** Whom the listener refused, and why. */
  readonly refused: HawserError[];
  readonly #listening: Listening;
  // Deno's garbage collector ends streams that nobody refers to.
  readonly #kept: unknown[] = [];

  private constructor(listening: Listening, conn: Deno.QuicConn, links: Link[], refused: HawserError[]) {
    this.#listening = listening;
    this.conn = conn;
    this.links = links;
    this.refused = refused;
  }

  /** Listens, and connects. */
  static async open(options: TransportOptions = {}): Promise<RawClient> {
    const links: Link[] = [];
    const refused: HawserError[] = [];
    const onRefusal = (error: HawserError) => void refused.push(error);
    const handler = { onLink: (link: Link) => void links.push(link), onDatagram() {}, onClose() {} };
    const address = parseAddress(`wt://127.0.0.1:0${PATH}`);
    const listening = await wt.listen(address, { tls: { onRefusal }, ...options }, handler);
    const { host: hostname, port, ...rest } = parseAddress(listening.url);
    const hashes = placeOf({ host: hostname, port, ...rest }).hashes;
    // Deno's types do not know of the hashes.
    const told = {
      hostname,
      port,
      alpnProtocols: ["h3"],
      maxConcurrentUnidirectionalStreams: 8,
      serverCertificateHashes: hashes.map((value) => ({ algorithm: "sha-256", value })),
    };
    const conn = await Deno.connectQuic(told);
    return new RawClient(listening, conn, links, refused);
  }

  /** Opens a stream of one direction that begins with these bytes, and stays open. */
  async say(...bytes: readonly Uint8Array[]): Promise<void> {
    const writer = (await this.conn.createUnidirectionalStream()).getWriter();
    this.#kept.push(writer);
    for (const piece of bytes) await writer.write(piece);
  }

  /** Opens a stream of both directions that begins with these bytes, and stays open. */
  async open(...bytes: readonly Uint8Array[]): Promise<RawStream> {
    const { readable, writable } = await this.conn.createBidirectionalStream();
    const writer = writable.getWriter();
    this.#kept.push(writer);
    writer.closed.catch(() => {});
    for (const piece of bytes) await writer.write(piece);
    return { reader: readable.getReader(), writer };
  }

  /** Asks for a session, by the right fields or others, and tells the status of the answer. */
  async request(
    fields: readonly Field[] = requestFields("127.0.0.1", PATH),
  ): Promise<RawStream & { readonly status: string }> {
    const stream = await this.open(encodeFrame(FRAMES.headers, encodeFields(fields)));
    const [[, status]] = await readFields(stream.reader, new FrameReader());
    return { ...stream, status };
  }

  /** The code with which the listener ends the connection. */
  async closed(): Promise<number> {
    try {
      return (await this.conn.closed).closeCode;
    } catch (error) {
      return Number(/(\d+)/.exec((error as Error).message)?.[1] ?? NaN);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.conn.close({ closeCode: 0x100, reason: "" });
    await Promise.all(this.links.map((link) => link.close({ abort: true })));
    await this.#listening.close();
  }
}

/** A stream of both directions. */
export interface RawStream {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
}

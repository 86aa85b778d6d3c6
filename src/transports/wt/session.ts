/**
 * One HTTP/3 connection of Deno's QUIC, with one WebTransport session on it (RFC 9114, RFC 9220,
 * draft-ietf-webtrans-http3). To the rest of Hawser it is a QUIC connection whose streams are those of the session.
 *
 * Deno has a WebTransport of its own, whose streams are not finished when they are closed, whose resets do not arrive,
 * which takes no streams of one direction from Chromium (denoland/deno#36822), and which keeps the socket of every
 * session that it dialled. So it is not used.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { QUIC_DATAGRAMS_MAX } from "../../quic_limits.ts";
import { CLOSE_CODES, type QuicConnection, type QuicHandler, type QuicStream } from "../quic/connection.ts";
import { told } from "../quic/deno_connect.ts";
import { QuicFailure } from "../quic/failure.ts";
import { WebStream } from "../quic/web_stream.ts";
import { HTTP3_CODES, http3Error } from "./http3/error.ts";
import { encodeFrame, FrameReader, FRAMES } from "./http3/frames.ts";
import { encodeFields } from "./http3/qpack.ts";
import { drain, framesOf, type Reader, readFields, readHead } from "./http3/reading.ts";
import { decodeSettings, SETTINGS, takesSessions } from "./http3/settings.ts";
import type { Field } from "./http3/static_table.ts";
import { HeadReader, SESSION_STREAM, type StreamHead, STREAMS } from "./http3/streams.ts";
import { readVarint, varints } from "./http3/varint.ts";
import { judgeRequest, requestFields, type RequestRules, statusOf } from "./request.ts";

/** What a session is made of. */
export interface SessionParts {
  readonly conn: Deno.QuicConn;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Which requests become sessions; `undefined` where we dialled. */
  readonly rules?: RequestRules;
}

/** A connection, from its first packet on. */
export class WtSession implements QuicConnection {
  readonly localAddress: string;
  readonly remoteAddress: string;
  handler: QuicHandler = { onStream: (stream) => stream.reset(), onDatagram() {}, onClose() {} };
  readonly #conn: Deno.QuicConn;
  readonly #rules: RequestRules | undefined;
  readonly #settings = Promise.withResolvers<ReadonlyMap<number, number>>();
  // Deno's garbage collector ends streams that nobody refers to.
  readonly #kept: WritableStreamDefaultWriter<Uint8Array>[] = [];
  #control = false;
  // The stream on which the session was asked for.
  #session: number | undefined;
  #datagrams = 0;
  #over = false;

  constructor({ conn, localAddress, remoteAddress, rules }: SessionParts) {
    this.#conn = conn;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.#rules = rules;
    this.#settings.promise.catch(() => {}); // Only who dialled waits for them.
    conn.closed.then(
      ({ closeCode, reason }) => this.#end(new QuicFailure({ application: codeOf(closeCode) }, reason)),
      (cause) => this.#end(reasonOf(told(cause))),
    );
    void this.#run();
  }

  /**
   * Asks for a session.
   * @throws {HawserError} `quic` where the peer takes none, or not this one
   */
  async open(authority: string, path: string): Promise<void> {
    if (!takesSessions(await this.#settings.promise)) {
      throw new HawserError("quic", `${authority} speaks HTTP/3, but not WebTransport; check the address`);
    }
    const { readable, writable } = await this.#conn.createBidirectionalStream();
    const id = Number(writable.id);
    const writer = this.#keep(writable);
    await writer.write(headersOf(requestFields(authority, path)));
    const reader = readable.getReader();
    const frames = new FrameReader();
    const status = statusOf(await readFields(reader, frames));
    if (status !== 200) throw refusal(authority, path, status);
    this.#session = id;
    void this.#watch(reader, frames);
  }

  get datagramBytesMax(): number {
    return this.#over ? 0 : Math.max(0, this.#conn.maxDatagramSize - this.#datagramHead.length);
  }

  async openStream(): Promise<QuicStream> {
    try {
      const stream = await this.#conn.createBidirectionalStream();
      return new WebStream({ ...pairOf(stream), first: varints(SESSION_STREAM, this.#session!) });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw told(cause);
      const message = `${this.remoteAddress} allows no more streams for now; close one first`;
      throw new HawserError("limit", message, { cause });
    }
  }

  sendDatagram(bytes: Uint8Array): boolean {
    if (this.#over || this.#datagrams >= QUIC_DATAGRAMS_MAX) return false;
    this.#datagrams++;
    const done = () => void this.#datagrams--;
    this.#conn.sendDatagram(Uint8Array.from([...this.#datagramHead, ...bytes])).then(done, done);
    return true;
  }

  close(code: bigint): void {
    this.#close(code === CLOSE_CODES.done ? "done" : code === CLOSE_CODES.refused ? "refused" : "cancelled");
  }

  // RFC 9297 §2.1: a quarter of the stream's id.
  get #datagramHead(): Uint8Array {
    return varints((this.#session ?? 0) / 4);
  }

  #close(code: keyof typeof HTTP3_CODES): void {
    this.#conn.close({ closeCode: HTTP3_CODES[code], reason: "" });
  }

  #end(cause: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#settings.reject(cause ?? new HawserError("io", `${this.remoteAddress} ended the connection`));
    this.handler.onClose(cause);
  }

  /** The peer broke a rule, or the connection did. */
  #break(cause: unknown): void {
    this.#end(cause);
    this.#close("broken");
  }

  #keep(writable: WritableStream<Uint8Array>): WritableStreamDefaultWriter<Uint8Array> {
    const writer = writable.getWriter();
    writer.closed.catch(() => {}); // The writes tell it.
    this.#kept.push(writer);
    return writer;
  }

  // What arrives before the handshake is complete may be a recording that somebody plays back.
  async #run(): Promise<void> {
    try {
      await this.#conn.handshake;
      const control = this.#keep(await this.#conn.createUnidirectionalStream());
      await control.write(Uint8Array.from([...varints(STREAMS.control), ...SETTINGS]));
      void this.#receiveDatagrams();
      void this.#receiveUnidirectional();
      for await (const stream of this.#conn.incomingBidirectionalStreams) {
        // One after the other, so that the first stream of the peer is the first one here.
        await this.#take(stream);
      }
    } catch (cause) {
      this.#break(told(cause));
    }
  }

  async #receiveDatagrams(): Promise<void> {
    try {
      while (true) {
        const bytes = await this.#conn.readDatagram();
        const head = readVarint(bytes, 0);
        const isOurs = this.#session !== undefined && head?.value === this.#session / 4;
        if (isOurs) this.handler.onDatagram(bytes.subarray(head!.end));
      }
    } catch {
      // The connection is gone: `closed` says why.
    }
  }

  async #receiveUnidirectional(): Promise<void> {
    try {
      for await (const stream of this.#conn.incomingUnidirectionalStreams) {
        void this.#takeUnidirectional(stream);
      }
    } catch {
      // The connection is gone: `closed` says why.
    }
  }

  async #takeUnidirectional(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    try {
      const head = await readHead(reader, new HeadReader(false));
      if (head === undefined) return;
      // Links need no streams of one direction.
      if (head.type === STREAMS.webTransport) return void reader.cancel().catch(() => {});
      if (head.type === STREAMS.push) throw http3Error("it opens a stream that only servers may");
      if (head.type === STREAMS.control) return await this.#readControl(reader, head.rest);
      await drain(reader, head.rest.length);
    } catch (cause) {
      if (cause instanceof HawserError) this.#break(cause);
    }
  }

  async #readControl(reader: Reader, early: Uint8Array): Promise<void> {
    if (this.#control) throw http3Error("it opens two control streams");
    this.#control = true;
    const frames = new FrameReader();
    let isFirst = true;
    for await (const frame of framesOf(reader, frames, early)) {
      if (!isFirst || frame.type !== FRAMES.settings) {
        throw http3Error("its control stream does not begin with SETTINGS, or has them twice");
      }
      isFirst = false;
      this.#settings.resolve(decodeSettings(frame.payload));
    }
  }

  async #take({ readable, writable }: Deno.QuicBidirectionalStream): Promise<void> {
    const id = Number(readable.id);
    const reader = readable.getReader();
    let head: StreamHead | undefined;
    try {
      head = await readHead(reader, new HeadReader(true));
    } catch (cause) {
      // A stream that was given up early is no reason to end the others.
      if (cause instanceof HawserError) throw cause;
    }
    if (head?.type === SESSION_STREAM) {
      reader.releaseLock();
      const early = head.rest.length > 0 ? head.rest : undefined;
      const stream = new WebStream({ readable, writable, early });
      if (head.session !== undefined && head.session === this.#session) this.handler.onStream(stream);
      else stream.reset();
    } else if (head === undefined || this.#rules === undefined) {
      new WebStream({ readable: released(readable, reader), writable }).reset();
    } else {
      await this.#answer(id, reader, this.#keep(writable), head.rest);
    }
  }

  async #answer(
    id: number,
    reader: Reader,
    writer: WritableStreamDefaultWriter<Uint8Array>,
    early: Uint8Array,
  ): Promise<void> {
    const frames = new FrameReader();
    const fields = await readFields(reader, frames, early);
    const isFirst = this.#session === undefined;
    const status = isFirst ? judgeRequest(fields, this.#rules!) : 503; // One session is all there is on a connection.
    if (status === 200) this.#session = id;
    await writer.write(headersOf([[":status", `${status}`]]));
    if (status === 200) return void this.#watch(reader, frames);
    this.#kept.splice(this.#kept.indexOf(writer), 1);
    await writer.close();
    await reader.cancel();
  }

  /** The session lasts as long as the stream on which it was asked for. */
  async #watch(reader: Reader, frames: FrameReader): Promise<void> {
    try {
      for await (const _ of framesOf(reader, frames)) throw http3Error("it sends fields amid a session");
      this.#end(undefined);
      this.#close("done");
    } catch (cause) {
      this.#break(told(cause));
    }
  }
}

function headersOf(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  return encodeFrame(FRAMES.headers, encodeFields(fields));
}

function pairOf({ readable, writable }: Deno.QuicBidirectionalStream): Deno.QuicBidirectionalStream {
  return { readable, writable };
}

function released(readable: ReadableStream<Uint8Array>, reader: Reader): ReadableStream<Uint8Array> {
  reader.releaseLock();
  return readable;
}

function refusal(authority: string, path: string, status: number): HawserError {
  const advice = status === 404
    ? `nothing is served at ${path}; check the path`
    : status === 403
    ? "pages of this origin may not connect; list it in the listener's `origins`"
    : "it takes no session; check the address";
  return new HawserError("quic", `cannot dial wt://${authority}: the listener answered ${status}: ${advice}`);
}

/** Codes of HTTP/3, as those of `quic://`, which the rest of Hawser knows. */
function codeOf(closeCode: number): bigint {
  if (closeCode === HTTP3_CODES.refused) return CLOSE_CODES.refused;
  return closeCode === HTTP3_CODES.done ? CLOSE_CODES.done : CLOSE_CODES.aborted;
}

function reasonOf(cause: unknown): unknown {
  if (!(cause instanceof QuicFailure) || cause.said.application === undefined) return cause;
  return new QuicFailure({ application: codeOf(Number(cause.said.application)) }, cause.message, cause.cause);
}

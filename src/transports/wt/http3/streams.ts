/**
 * What a stream of HTTP/3 says first: what it is for (RFC 9114 §6.2, draft-ietf-webtrans-http3 §4).
 *
 * @module
 */

import { http3Error } from "./error.ts";
import { readVarint } from "./varint.ts";

/** Types of unidirectional streams. */
export const STREAMS = {
  control: 0x00,
  push: 0x01,
  encoder: 0x02,
  decoder: 0x03,
  webTransport: 0x54,
} as const;

/** What a bidirectional stream of a WebTransport session begins with; the session id follows. */
export const SESSION_STREAM = 0x41;

/** What a stream is for. */
export interface StreamHead {
  /** Its type; on a bidirectional stream the type of its first frame. */
  readonly type: number;
  /** Streams of WebTransport: the id of the stream on which the session was asked for. */
  readonly session: number | undefined;
  /** What came with it. A request begins here with its first frame, and all others after the head. */
  readonly rest: Uint8Array;
}

// Two integers of at most eight bytes.
const HEAD_BYTES_MAX = 16;

/** Reads the head of one stream. */
export class HeadReader {
  readonly #bidirectional: boolean;
  #kept: Uint8Array = new Uint8Array(0);

  constructor(bidirectional: boolean) {
    this.#bidirectional = bidirectional;
  }

  /** The head, once it is complete with `bytes`, which belong to the caller again when it returns `undefined`. */
  feed(bytes: Uint8Array): StreamHead | undefined {
    const all = this.#join(bytes);
    const type = readVarint(all, 0);
    if (type === undefined) return undefined;
    const marked = this.#bidirectional ? SESSION_STREAM : STREAMS.webTransport;
    if (type.value !== marked) {
      return {
        type: type.value,
        session: undefined,
        rest: this.#bidirectional ? all : all.subarray(type.end),
      };
    }
    const session = readVarint(all, type.end);
    if (session === undefined) return undefined;
    return { type: type.value, session: session.value, rest: all.subarray(session.end) };
  }

  #join(bytes: Uint8Array): Uint8Array {
    if (this.#kept.length > HEAD_BYTES_MAX) throw http3Error("a stream does not say what it is for");
    const all = new Uint8Array(this.#kept.length + bytes.length);
    all.set(this.#kept);
    all.set(bytes, this.#kept.length);
    this.#kept = all;
    return all;
  }
}

/**
 * Reads streams of HTTP/3 that are streams of the web's kind.
 *
 * @module
 */

import { HTTP3_SKIPPED_BYTES_MAX } from "../../../quic_limits.ts";
import { http3Error } from "./error.ts";
import { type Frame, type FrameReader, FRAMES } from "./frames.ts";
import { decodeFields } from "./qpack.ts";
import type { Field } from "./static_table.ts";
import type { HeadReader, StreamHead } from "./streams.ts";

/** Reads one stream. */
export type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The head of a stream; `undefined` if it ends before. */
export async function readHead(reader: Reader, heads: HeadReader): Promise<StreamHead | undefined> {
  while (true) {
    const { value } = await reader.read();
    const head = value === undefined ? undefined : heads.feed(value);
    if (value === undefined || head !== undefined) return head;
  }
}

/** The frames of a stream until it ends; `early` is what was read of it before. */
export async function* framesOf(
  reader: Reader,
  frames: FrameReader,
  early: Uint8Array = new Uint8Array(0),
): AsyncGenerator<Frame> {
  for (let value: Uint8Array | undefined = early; value !== undefined; { value } = await reader.read()) {
    yield* frames.feed(value);
  }
}

/**
 * The fields that a stream begins with; `early` is what was read of it before.
 * @throws {HawserError} `protocol` if it begins otherwise
 */
export async function readFields(
  reader: Reader,
  frames: FrameReader,
  early: Uint8Array = new Uint8Array(0),
): Promise<Field[]> {
  for (let value: Uint8Array | undefined = early; value !== undefined; { value } = await reader.read()) {
    const [first] = frames.feed(value);
    if (first === undefined) continue;
    if (first.type !== FRAMES.headers) throw http3Error("a request does not begin with fields");
    return decodeFields(first.payload);
  }
  throw http3Error("a request ends before its fields");
}

/**
 * Reads a stream that means nothing here to its end: those of QPACK while there is no dynamic table, and unknown ones.
 * @throws {HawserError} `protocol` if it is too long; `early` bytes of it were read before
 */
export async function drain(reader: Reader, early: number): Promise<void> {
  let count = early;
  for (let value: Uint8Array | undefined; { value } = await reader.read(), value !== undefined;) {
    count += value.length;
    if (count > HTTP3_SKIPPED_BYTES_MAX) {
      throw http3Error(`a stream brings more than ${HTTP3_SKIPPED_BYTES_MAX} bytes that mean nothing here`);
    }
  }
}

/**
 * Frames of HTTP/3 (RFC 9114 §7): a type, a length, and so many bytes.
 *
 * @module
 */

import { HTTP3_FRAME_BYTES_MAX, HTTP3_SKIPPED_BYTES_MAX } from "../../../quic_limits.ts";
import { http3Error } from "./error.ts";
import { readVarint, varints } from "./varint.ts";

/** The frames that mean something to us. */
export const FRAMES = { data: 0x00, headers: 0x01, settings: 0x04 } as const;

/** One frame. */
export interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** A frame as bytes. */
export function encodeFrame(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = varints(type, payload.length);
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
}

/**
 * Reads the frames of a stream, however it was cut into pieces: HEADERS and SETTINGS, which are small. All others are
 * skipped without being kept; of them a stream may bring only so much.
 */
export class FrameReader {
  // The head of a frame, or a frame that is kept, as far as it came.
  #kept = new Uint8Array(0);
  #skipping = 0;
  #skipped = 0;

  /**
   * The frames that are complete with `bytes`.
   * @throws {HawserError} `protocol` for a frame that is too large, and for too many of those that are skipped
   */
  feed(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = this.#join(this.#skip(bytes));
    while (rest.length > 0) {
      const type = readVarint(rest, 0);
      const length = type === undefined ? undefined : readVarint(rest, type.end);
      if (type === undefined || length === undefined) break;
      if (type.value !== FRAMES.headers && type.value !== FRAMES.settings) {
        this.#count(length.end + length.value);
        this.#skipping = length.value;
        rest = this.#skip(rest.subarray(length.end));
        continue;
      }
      if (length.value > HTTP3_FRAME_BYTES_MAX) {
        throw http3Error(`a frame has ${length.value} bytes; at most ${HTTP3_FRAME_BYTES_MAX} are taken`);
      }
      const end = length.end + length.value;
      if (rest.length < end) break;
      frames.push({ type: type.value, payload: rest.slice(length.end, end) });
      rest = rest.subarray(end);
    }
    this.#kept = rest.slice();
    return frames;
  }

  #join(bytes: Uint8Array): Uint8Array {
    if (this.#kept.length === 0) return bytes;
    const joined = new Uint8Array(this.#kept.length + bytes.length);
    joined.set(this.#kept);
    joined.set(bytes, this.#kept.length);
    return joined;
  }

  #skip(bytes: Uint8Array): Uint8Array {
    const count = Math.min(this.#skipping, bytes.length);
    this.#skipping -= count;
    return bytes.subarray(count);
  }

  #count(bytes: number): void {
    this.#skipped += bytes;
    if (this.#skipped > HTTP3_SKIPPED_BYTES_MAX) {
      throw http3Error(`a stream brings more than ${HTTP3_SKIPPED_BYTES_MAX} bytes that mean nothing here`);
    }
  }
}

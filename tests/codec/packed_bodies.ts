/**
 * Bodies as `src/codec/body_compressor.ts` describes them, made by hand: honest ones, and those of a liar.
 *
 * @module
 */

import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { ZSTD_WINDOW_LOG } from "../../src/compression_limits.ts";

const ZSTD = { params: { [constants.ZSTD_c_windowLog]: ZSTD_WINDOW_LOG } };

/** The runtime's own compressors, without a length before what they make. */
export const COMPRESS: Readonly<Record<"zstd" | "gzip", (text: Uint8Array) => Uint8Array>> = {
  zstd: (text) => zstdCompressSync(text, ZSTD),
  gzip: (text) => gzipSync(text),
};

/** The body that says of `frame` that its text has `textBytes` bytes. */
export function packedBody(textBytes: number, frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + frame.length);
  new DataView(bytes.buffer).setUint32(0, textBytes);
  bytes.set(frame, 4);
  return bytes;
}

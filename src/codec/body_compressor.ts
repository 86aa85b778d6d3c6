/**
 * Bodies of packets that are compressed with something else than the codec's own LZ4.
 *
 * ```text
 * 0  4  length   of the text, unsigned big-endian
 * 4     the text as one frame of zstd (RFC 8878) or one member of gzip (RFC 1952)
 * ```
 *
 * The length comes first, so that a bomb is refused before anything is expanded, and a text that is cut off is noticed:
 * not every runtime tells.
 *
 * @module
 */

import { BODY_BYTES_MAX } from "../limits.ts";
import { type NativeCompression, nativeZlib } from "../native_zlib.ts";
import type { Compressor, PacketCodec } from "./codec.ts";
import { looksCompressible } from "./entropy_reference.ts";
import { viewOf } from "./packet_header.ts";
import { STATUS, statusError } from "./status.ts";

const LENGTH_BYTES = 4;

/** The runtime's own, or `undefined` where it has none. */
export function nativeCompressor(name: Compressor["name"]): Compressor | undefined {
  const algorithm = nativeZlib?.()[name];
  return algorithm === undefined ? undefined : {
    name,
    pack: (codec, length) => pack(algorithm, codec.plaintext, length),
    unpack: (codec, length) => unpack(algorithm, codec, length),
  };
}

function unpack({ decompress }: NativeCompression, codec: PacketCodec, length: number): number {
  const body = codec.opened.subarray(0, length);
  const textBytes = length > LENGTH_BYTES ? viewOf(body).getUint32(0) : 0;
  if (textBytes === 0 || textBytes > BODY_BYTES_MAX) throw statusError(STATUS.COMPRESSION);
  let text: Uint8Array;
  try {
    text = decompress(body.subarray(LENGTH_BYTES), textBytes);
  } catch (cause) {
    throw statusError(STATUS.COMPRESSION, { cause });
  }
  if (text.length !== textBytes) throw statusError(STATUS.COMPRESSION);
  codec.opened.set(text);
  return textBytes;
}

function pack({ compress }: NativeCompression, plaintext: Uint8Array, length: number): number {
  const text = plaintext.subarray(0, length);
  if (!looksCompressible(text)) return 0;
  const packed = compress(text);
  const packedBytes = LENGTH_BYTES + packed.length;
  if (packedBytes >= length) return 0;
  viewOf(text).setUint32(0, length);
  text.set(packed, LENGTH_BYTES);
  return packedBytes;
}

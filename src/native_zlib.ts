/**
 * Finds the runtime's own synchronous zstd and gzip.
 *
 * Node, Deno and Bun have `node:zlib`, reached through `process.getBuiltinModule`: nothing is imported, so that browsers
 * and bundlers see no trace of it and simply find nothing. It is looked for when it is first wanted, because
 * Deno and Bun take longer to load it than to connect.
 *
 * Vocabulary level: imports nothing else.
 *
 * @module
 */

import { ZSTD_WINDOW_LOG } from "./compression_limits.ts";

/** One algorithm of the runtime. */
export interface NativeCompression {
  /** Compresses the whole of `text`. */
  compress(text: Uint8Array): Uint8Array;
  /** Decompresses, and throws once there are more than `textBytesMax` bytes, which is at least 1. */
  decompress(bytes: Uint8Array, textBytesMax: number): Uint8Array;
}

/** What the runtime has. */
export interface NativeZlib {
  readonly zstd: NativeCompression | undefined;
  readonly gzip: NativeCompression | undefined;
}

/** zstd (RFC 8878) and gzip (RFC 1952) by the runtime, as far as it has them; `undefined` where it has no such module. */
export const nativeZlib: (() => NativeZlib) | undefined = finder();

// The part of node:zlib that is used, typed here so that nobody needs the types of Node.
interface ZlibOptions {
  readonly chunkSize?: number;
  readonly maxOutputLength?: number;
  readonly params?: Readonly<Record<number, number>>;
}
type Transform = (bytes: Uint8Array, options?: ZlibOptions) => Uint8Array;
interface NodeZlib {
  readonly constants: { readonly ZSTD_c_windowLog: number; readonly ZSTD_d_windowLogMax: number };
  readonly gzipSync?: Transform;
  readonly gunzipSync?: Transform;
  readonly zstdCompressSync?: Transform;
  readonly zstdDecompressSync?: Transform;
}
interface Global {
  readonly process?: { getBuiltinModule?(name: "node:zlib"): NodeZlib | undefined };
}

function finder(): typeof nativeZlib {
  const process = (globalThis as Global).process;
  if (process?.getBuiltinModule === undefined) return undefined;
  let found: NativeZlib | undefined;
  return () => found ??= algorithmsOf(process.getBuiltinModule?.("node:zlib"));
}

function algorithmsOf(zlib: NodeZlib | undefined): NativeZlib {
  if (zlib === undefined) return { zstd: undefined, gzip: undefined };
  const { ZSTD_c_windowLog, ZSTD_d_windowLogMax } = zlib.constants;
  return {
    zstd: pair(
      zlib.zstdCompressSync,
      { params: { [ZSTD_c_windowLog]: ZSTD_WINDOW_LOG } },
      zlib.zstdDecompressSync,
      { params: { [ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } },
    ),
    gzip: pair(zlib.gzipSync, {}, zlib.gunzipSync, {}),
  };
}

function pair(
  compress: Transform | undefined,
  compressOptions: ZlibOptions,
  decompress: Transform | undefined,
  decompressOptions: ZlibOptions,
): NativeCompression | undefined {
  if (compress === undefined || decompress === undefined) return undefined;
  return {
    compress: (text) => compress(text, compressOptions),
    // One byte more room than there may be, so that the whole text is one chunk.
    decompress: (bytes, textBytesMax) =>
      decompress(bytes, {
        ...decompressOptions,
        chunkSize: Math.max(CHUNK_BYTES_MIN, textBytesMax + 1),
        maxOutputLength: textBytesMax,
      }),
  };
}

// What node:zlib demands.
const CHUNK_BYTES_MIN = 64;

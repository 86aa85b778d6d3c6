/**
 * LZ4 blocks and frames beside lz4-napi (Rust's lz4_flex), on real data, with other bytes in every call.
 *
 * Each must read what the other wrote before it is timed. A bare `deno bench` has no permission for native code, and
 * leaves lz4-napi out.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCodec } from "../src/codec/mod.ts";
import { type DataKind, slices } from "./data.ts";
import { loadPeer } from "./load_peer.ts";

type Napi = typeof import("lz4-napi");
type Transform = (bytes: Uint8Array) => Uint8Array;

/** Compresses and decompresses; `toOurs` and `fromOurs` translate what is written, where the formats differ. */
interface Contender {
  readonly name: string;
  readonly compress: Transform;
  decompress(bytes: Uint8Array, size: number): Uint8Array;
  readonly toOurs: Transform;
  fromOurs(bytes: Uint8Array, size: number): Uint8Array;
}

const SIZES: readonly (readonly [bytes: number, name: string])[] = [
  [1024, "1 KiB"],
  [16_384, "16 KiB"],
  [65_536, "64 KiB"],
  [1_048_576, "1 MiB"],
];
const KINDS: readonly DataKind[] = ["json", "bundle", "random"];

/** What is kept ready to be decompressed: more than the caches next to the core hold. */
const READY_BYTES = 4 * 1024 * 1024;

const codec = createCodec({ kind: "wasm" });
const napi = await loadPeer("lz4-napi", () => import("lz4-napi"));
const same: Transform = (bytes) => bytes;

const BLOCKS: readonly Contender[] = [
  {
    name: "hawser",
    compress: (text) => codec.lz4CompressBlock(text),
    decompress: (block, size) => codec.lz4DecompressBlock(block, size),
    toOurs: same,
    fromOurs: same,
  },
  ...napi === undefined ? [] : [blocksOf(napi)],
];

const FRAMES: readonly Contender[] = [
  {
    name: "hawser",
    compress: (text) => codec.lz4CompressFrame(text),
    decompress: (frame, size) => codec.lz4DecompressFrame(frame, size),
    toOurs: same,
    fromOurs: same,
  },
  ...napi === undefined ? [] : [framesOf(napi)],
];

for (const [format, contenders] of [["block", BLOCKS], ["frame", FRAMES]] as const) {
  for (const kind of KINDS) {
    for (const [bytes, size] of SIZES) benchBoth(`${format} ${kind} ${size}`, contenders, kind, bytes);
  }
}

function benchBoth(title: string, contenders: readonly Contender[], kind: DataKind, bytes: number): void {
  const n = Math.min(5_000, Math.max(20, Math.ceil(READY_BYTES * 8 / bytes)));
  for (const contender of contenders) {
    requireAgreement(contenders[0], contender, slices(kind, bytes)());
    const baseline = contender === contenders[0];
    const next = slices(kind, bytes);
    const compress = {
      name: `compress ${title}, ${contender.name}`,
      group: `compress ${title}`,
      baseline,
      n,
    };
    Deno.bench({ ...compress, warmup: n >> 2 }, () => {
      contender.compress(next());
    });
    const ready = Array.from(
      { length: Math.min(1_024, READY_BYTES / bytes) },
      () => contender.compress(next()).slice(),
    );
    let at = 0;
    const decompress = {
      name: `decompress ${title}, ${contender.name}`,
      group: `decompress ${title}`,
      baseline,
      n,
    };
    Deno.bench({ ...decompress, warmup: n >> 2 }, () => {
      contender.decompress(ready[at++ % ready.length], bytes);
    });
  }
}

function requireAgreement(ours: Contender, peer: Contender, text: Uint8Array): void {
  const size = text.length;
  const theirs = ours.decompress(peer.toOurs(peer.compress(text)), size);
  const read = peer.decompress(peer.fromOurs(ours.compress(text), size), size);
  if (Buffer.compare(theirs, text) !== 0 || Buffer.compare(read, text) !== 0) {
    throw new Error(`${ours.name} and ${peer.name} do not agree on ${size} bytes`);
  }
}

function blocksOf(napi: Napi): Contender {
  return {
    name: "lz4-napi",
    compress: (text) => napi.compressSync(buffer(text)),
    decompress: (block) => napi.uncompressSync(block),
    toOurs: (block) => block.subarray(4), // The length of the text stands before its blocks.
    fromOurs: (block, size) => Buffer.concat([new Uint8Array(Uint32Array.of(size).buffer), block]),
  };
}

function framesOf(napi: Napi): Contender {
  return {
    name: "lz4-napi",
    compress: (text) => napi.compressFrameSync(buffer(text), { contentChecksum: true }),
    decompress: (frame) => napi.decompressFrameSync(buffer(frame)),
    toOurs: same,
    fromOurs: same,
  };
}

/** The same bytes, as lz4-napi takes them. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}

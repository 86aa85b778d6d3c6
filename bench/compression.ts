/**
 * What the algorithms of `compress` spare and what they cost, body by body, on the runtime that runs it.
 *
 * Prints rows of a table: `deno run -A bench/compression.ts`, `bun bench/compression.ts`, `node bench/compression.ts`.
 *
 * @module
 */

import { nativeCompressor } from "../src/codec/body_compressor.ts";
import { pickCodec } from "../src/codec/pick.ts";
import { currentRuntime } from "../tests/runtimes/executables.ts";
import { type DataKind, slices } from "./data.ts";

const KINDS: readonly DataKind[] = ["json", "declarations", "bundle", "wasm"];
const SIZES = [4_096, 65_536];
const ROUNDS = 5;
const BODIES = 40;

const codec = pickCodec();

/** Packs a body in place of `codec.plaintext`, and unpacks it in place of `codec.opened`; returns the packed bytes. */
interface Algorithm {
  readonly name: string;
  pack(body: Uint8Array): Uint8Array;
  unpack(packed: Uint8Array, length: number): void;
}

const output = new Uint8Array(70_000);
const algorithms: Algorithm[] = [{
  name: "lz4",
  pack: (body) => codec.lz4CompressBlock(body, output),
  unpack: (packed, length) => void codec.lz4DecompressBlock(packed, length),
}];
for (const name of ["zstd", "gzip"] as const) {
  const compressor = nativeCompressor(name);
  if (compressor?.pack === undefined) continue;
  const { pack, unpack } = compressor;
  algorithms.push({
    name,
    pack: (body) => {
      codec.plaintext.set(body);
      const length = pack(codec, body.length);
      return length === 0 ? body : codec.plaintext.subarray(0, length);
    },
    unpack: (packed, length) => {
      if (packed.length === length) return;
      codec.opened.set(packed);
      unpack(codec, packed.length);
    },
  });
}

for (const kind of KINDS) {
  for (const size of SIZES) {
    const next = slices(kind, size);
    const bodies = Array.from({ length: BODIES }, () => next());
    const figures = algorithms.map(() => ({ pack: [] as number[], unpack: [] as number[], bytes: 0 }));
    for (let round = 0; round <= ROUNDS; round++) {
      algorithms.forEach((algorithm, index) => {
        const { pack, unpack, bytes } = measure(algorithm, bodies);
        if (round === 0) return; // Warms up.
        figures[index].pack.push(pack);
        figures[index].unpack.push(unpack);
        figures[index].bytes = bytes;
      });
    }
    algorithms.forEach(({ name }, index) => {
      const { pack, unpack, bytes } = figures[index];
      const percent = (100 * bytes / (size * BODIES)).toFixed(0);
      const rate = (ms: number[]) => (size * BODIES / 1_000 / median(ms)).toFixed(0);
      console.log(
        `| ${currentRuntime()} | ${kind} | ${size} | ${name} | ${percent} % | ${rate(pack)} | ${
          rate(unpack)
        } |`,
      );
    });
  }
}

/** Milliseconds for all bodies, each way, and the bytes that they become. */
function measure({ pack, unpack }: Algorithm, bodies: readonly Uint8Array[]) {
  const packed: Uint8Array[] = [];
  let packMs = 0;
  for (const body of bodies) {
    const start = performance.now();
    const result = pack(body);
    packMs += performance.now() - start;
    packed.push(result.slice());
  }
  const start = performance.now();
  bodies.forEach((body, index) => unpack(packed[index], body.length));
  const unpackMs = performance.now() - start;
  return { pack: packMs, unpack: unpackMs, bytes: packed.reduce((sum, { length }) => sum + length, 0) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

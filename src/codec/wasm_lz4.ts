/**
 * LZ4 blocks on the WebAssembly core. What fits goes through the fixed arenas; what does not goes through
 * another instance, which is kept while it is small: make one engine per call.
 *
 * @module
 */

import { LZ4_TOO_LARGE, lz4BlockBytesMax, lz4DecodedBytesMax, type Lz4Engine } from "./lz4_block.ts";
import { WasmCore } from "./wasm_core.ts";

/** Bytes behind source and target that wide copies may touch. */
const SLACK_BYTES = 256;
/** The longest source or output: positions are 32-bit words, and memory has 4 GiB. */
const LENGTH_MAX = 0x7e00_0000;

/** Room for the first attempt to decompress what may be very long: what the fixed arenas have. */
const FIRST_CAPACITY = 65_536;
/** What is not longer than this gets its room at once. */
const WHOLE_CAPACITY_MAX = 1024 * 1024;
/** The other instance is kept up to this size: making one costs as much as compressing 100 KB. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

const NO_HISTORY = new Uint8Array(0);

/** Where a call has its input and its output. */
interface Place {
  readonly core: WasmCore;
  readonly source: number;
  readonly target: number;
}

/** The block functions of LZ4 for one call of the host. */
export class WasmLz4 implements Lz4Engine {
  readonly #core: WasmCore;
  #large: WasmCore | undefined;

  constructor(core: WasmCore) {
    this.#core = core;
  }

  compressBlock(source: Uint8Array, output: Uint8Array): number {
    const block = this.#compress(source, Math.min(output.length, lz4BlockBytesMax(source.length)));
    output.set(block);
    return block.length;
  }

  /** Compresses into an array of its own, no longer than the block. */
  compressAlone(source: Uint8Array): Uint8Array {
    return this.#compress(source, lz4BlockBytesMax(source.length)).slice();
  }

  /** The block, still in the core's memory; empty if it is longer than `capacity`. */
  #compress(source: Uint8Array, capacity: number): Uint8Array {
    const place = this.#place(source.length, capacity);
    return place.core.guard(() => {
      place.core.bytes.set(source, place.source);
      const length = place.core.exports.lz4Compress(place.source, source.length, place.target, capacity);
      return place.core.bytes.subarray(place.target, place.target + length);
    });
  }

  decompressBlock(
    block: Uint8Array,
    output: Uint8Array,
    historyStart: number,
    start: number,
    sizeMax: number,
  ): number {
    const history = output.subarray(historyStart, start);
    return this.#decompress(block, history, sizeMax, (text) => {
      output.set(text, start);
      return text.length;
    });
  }

  /** Decompresses a block that stands alone into `output` or an array of its own, or returns the reason to refuse. */
  decompressAlone(block: Uint8Array, sizeMax: number, output?: Uint8Array): Uint8Array | number {
    return this.#decompress<Uint8Array | number>(block, NO_HISTORY, sizeMax, (text) => {
      if (output === undefined) return text.slice();
      output.set(text);
      return output.subarray(0, text.length);
    });
  }

  /**
   * Hands the text, still in the core's memory, to `deliver`. Room is found by trying, four times as much
   * each time, so that memory grows with what the block really holds, not with what it may.
   */
  #decompress<T>(
    block: Uint8Array,
    history: Uint8Array,
    sizeMax: number,
    deliver: (text: Uint8Array) => T,
  ): T | number {
    const most = Math.min(sizeMax, lz4DecodedBytesMax(block.length), LENGTH_MAX);
    let capacity = most <= WHOLE_CAPACITY_MAX ? most : FIRST_CAPACITY;
    while (true) {
      const place = this.#place(block.length, history.length + capacity);
      const result = place.core.guard(() => {
        const target = place.target + history.length;
        place.core.bytes.set(block, place.source);
        if (history.length > 0) place.core.bytes.set(history, place.target);
        const { lz4DecompressAfter } = place.core.exports;
        const length = lz4DecompressAfter(place.source, block.length, place.target, target, capacity);
        return length < 0 ? length : deliver(place.core.bytes.subarray(target, target + length));
      });
      if (result !== LZ4_TOO_LARGE || capacity === most) return result;
      capacity = Math.min(most, 4 * Math.max(capacity, block.length));
    }
  }

  xxh32(bytes: Uint8Array): number {
    const place = this.#place(bytes.length, 0);
    return place.core.guard(() => {
      place.core.bytes.set(bytes, place.source);
      return place.core.exports.xxh32(place.source, bytes.length, 0) >>> 0;
    });
  }

  #place(sourceBytes: number, targetBytes: number): Place {
    const { work, workBytes, output, slots } = this.#core.map;
    if (sourceBytes <= workBytes && targetBytes <= workBytes) {
      return { core: this.#core, source: work, target: output };
    }
    if (sourceBytes > LENGTH_MAX || targetBytes > LENGTH_MAX) {
      throw new RangeError(`one LZ4 block takes at most ${LENGTH_MAX} bytes; use the frame format`);
    }
    const core = this.#large ??= this.#keptCore() ?? new WasmCore(this.#core.source);
    const target = slots + sourceBytes + SLACK_BYTES;
    core.growTo(target + targetBytes + SLACK_BYTES);
    this.#core.companion = core.bytes.length <= KEPT_BYTES_MAX ? core : undefined;
    return { core, source: slots, target };
  }

  #keptCore(): WasmCore | undefined {
    const kept = this.#core.companion;
    return kept?.discarded ? undefined : kept;
  }
}

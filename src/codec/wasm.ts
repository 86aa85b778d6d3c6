/**
 * The fast codec: a thin shell around the WebAssembly core. Here is the half that stands alone, without packets.
 *
 * @module
 */

import { type NativeAead, nativeAead } from "../native.ts";
import { checkBytes } from "./arguments.ts";
import type { Aead, Codec } from "./codec.ts";
import { type CoreBuild, coreModule, preferredBuild } from "./core_modules.ts";
import { checkSizeMax, LZ4_TOO_LARGE, lz4Damaged, lz4TooLarge } from "./lz4_block.ts";
import { lz4CompressFrame, lz4DecompressFrame } from "./lz4_frame.ts";
import { WasmLongAead } from "./wasm_long_aead.ts";
import { WasmLz4 } from "./wasm_lz4.ts";
import { WasmPacketCodec } from "./wasm_packets.ts";

/** The codec on the WebAssembly core. */
export class WasmCodec extends WasmPacketCodec implements Codec {
  readonly build: CoreBuild;
  readonly #native: NativeAead | null;

  /**
   * Compiles the core, synchronously. `native` takes long texts; null if the core shall take all.
   * @throws where this engine has no WebAssembly, or not the SIMD instructions, or forbids to compile.
   */
  constructor(build: CoreBuild = preferredBuild(), native: NativeAead | null = nativeAead ?? null) {
    const long = native === null ? "" : "; the runtime's own cipher for texts from 48 KiB on";
    super(coreModule(build), `wasm, ${build} SIMD build${long}`);
    this.build = build;
    this.#native = native;
  }

  override chacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
    checkBytes("nonce", nonce, 12);
    return new WasmLongAead(this.live, this.#native, key, nonce, aad);
  }

  xchacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
    checkBytes("nonce", nonce, 24);
    return new WasmLongAead(this.live, this.#native, key, nonce, aad);
  }

  lz4CompressBlock(source: Uint8Array, output?: Uint8Array): Uint8Array {
    checkBytes("source", source);
    if (output !== undefined) checkBytes("output", output);
    const engine = new WasmLz4(this.live());
    if (output === undefined) return engine.compressAlone(source);
    const length = engine.compressBlock(source, output);
    if (length > 0) return output.subarray(0, length);
    throw new RangeError(
      `the block does not fit into the ${output.length} bytes of output; give more room`,
    );
  }

  lz4DecompressBlock(block: Uint8Array, sizeMax: number, output?: Uint8Array): Uint8Array {
    checkBytes("block", block);
    checkSizeMax(sizeMax, output);
    const text = new WasmLz4(this.live()).decompressAlone(block, sizeMax, output);
    if (typeof text !== "number") return text;
    throw text === LZ4_TOO_LARGE ? lz4TooLarge(sizeMax) : lz4Damaged("it is not a whole block");
  }

  lz4CompressFrame(source: Uint8Array): Uint8Array {
    return lz4CompressFrame(new WasmLz4(this.live()), source);
  }

  lz4DecompressFrame(frame: Uint8Array, sizeMax: number): Uint8Array {
    return lz4DecompressFrame(new WasmLz4(this.live()), frame, sizeMax);
  }
}

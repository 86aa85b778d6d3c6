/**
 * The fast codec: a thin shell around the WebAssembly core.
 *
 * All lanes, readers and reassemblers of a codec share one instance of the core. If it ever traps, the
 * instance is discarded: what was made on it throws `closed`, and what is made later gets a new one.
 *
 * @module
 */

import { type NativeAead, nativeAead } from "../native.ts";
import { checkBytes, checkFragment } from "./arguments.ts";
import type {
  Aead,
  Codec,
  LaneOptions,
  Opener,
  PacketReader,
  Reassembler,
  ReassemblyLimits,
  Sealer,
} from "./codec.ts";
import { checkSizeMax, LZ4_TOO_LARGE, lz4Damaged, lz4TooLarge } from "./lz4_block.ts";
import { lz4CompressFrame, lz4DecompressFrame } from "./lz4_frame.ts";
import { packUnsealed, unsealedPacket } from "./packet_header.ts";
import { MessageReassembler } from "./reassembler.ts";
import { WasmAead } from "./wasm_aead.ts";
import { type CoreBuild, preferredBuild, WasmCore } from "./wasm_core.ts";
import { WasmOpener, WasmSealer } from "./wasm_lane.ts";
import { WasmLz4 } from "./wasm_lz4.ts";
import { WasmReader } from "./wasm_reader.ts";
import { WasmRuns } from "./wasm_runs.ts";

/** The codec on the WebAssembly core. */
export class WasmCodec implements Codec {
  readonly kind = "wasm";
  readonly choice: string;
  readonly #build: CoreBuild;
  readonly #native: NativeAead | null;
  #core: WasmCore;

  /**
   * Compiles the core, synchronously. `native` takes long texts; null if the core shall take all.
   * @throws where this engine has no WebAssembly, or not the SIMD instructions, or forbids to compile.
   */
  constructor(build: CoreBuild = preferredBuild(), native: NativeAead | null = nativeAead ?? null) {
    this.#build = build;
    this.#native = native;
    this.#core = new WasmCore(build);
    const long = native === null ? "" : "; the runtime's own cipher for texts from 48 KiB on";
    this.choice = `wasm, ${build} SIMD build${long}`;
  }

  /** The instance of today. */
  readonly #live = (): WasmCore => {
    if (this.#core.discarded) this.#core = new WasmCore(this.#build);
    return this.#core;
  };

  /** The instance that lanes are made on now; for tests. */
  get core(): WasmCore {
    return this.#live();
  }

  get plaintext(): Uint8Array {
    return this.#live().plaintext;
  }

  get opened(): Uint8Array {
    return this.#live().opened;
  }

  chacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
    checkBytes("nonce", nonce, 12);
    return new WasmAead(this.#live, this.#native, key, nonce, aad);
  }

  xchacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
    checkBytes("nonce", nonce, 24);
    return new WasmAead(this.#live, this.#native, key, nonce, aad);
  }

  lz4CompressBlock(source: Uint8Array, output?: Uint8Array): Uint8Array {
    checkBytes("source", source);
    if (output !== undefined) checkBytes("output", output);
    const engine = new WasmLz4(this.#live());
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
    const text = new WasmLz4(this.#live()).decompressAlone(block, sizeMax, output);
    if (typeof text !== "number") return text;
    throw text === LZ4_TOO_LARGE ? lz4TooLarge(sizeMax) : lz4Damaged("it is not a whole block");
  }

  lz4CompressFrame(source: Uint8Array): Uint8Array {
    return lz4CompressFrame(new WasmLz4(this.#live()), source);
  }

  lz4DecompressFrame(frame: Uint8Array, sizeMax: number): Uint8Array {
    return lz4DecompressFrame(new WasmLz4(this.#live()), frame, sizeMax);
  }

  writePacket(flags: number, body: Uint8Array): Uint8Array {
    return unsealedPacket(flags, body);
  }

  pack(length: number, target: Uint8Array, at: number): number {
    return packUnsealed(this.plaintext, length, target, at);
  }

  fragmentBytes(total: number, room: number): number {
    checkFragment(total, room);
    const core = this.#live();
    return core.guard(() => core.exports.fragmentBytes(total, room)) >>> 0;
  }

  createSealer(options: LaneOptions): Sealer {
    return new WasmSealer(this.#live(), options);
  }

  createOpener(options: LaneOptions): Opener {
    return new WasmOpener(this.#live(), options);
  }

  createReader(options: { readonly datagram: boolean; readonly packetBytesMax: number }): PacketReader {
    return new WasmReader(this.#live(), options);
  }

  createReassembler(limits: ReassemblyLimits): Reassembler {
    const reassembler = new MessageReassembler(limits, () => new WasmRuns(this.#live(), limits.runsMax));
    this.#live().reserveSlots(limits.messagesMax);
    return reassembler;
  }
}

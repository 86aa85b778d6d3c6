/**
 * The packet half of the WebAssembly codec: all that sessions need, and nothing else.
 *
 * All lanes, readers and reassemblers of a codec share one instance of the core. If it ever traps, the
 * instance is discarded: what was made on it throws `closed`, and what is made later gets a new one.
 *
 * @module
 */

import { checkBytes, checkFragment } from "./arguments.ts";
import type {
  Aead,
  LaneOptions,
  Opener,
  PacketCodec,
  PacketReader,
  Reassembler,
  ReassemblyLimits,
  Sealer,
} from "./codec.ts";
import { packUnsealed, unsealedPacket } from "./packet_header.ts";
import { MessageReassembler } from "./reassembler.ts";
import { WasmAead } from "./wasm_aead.ts";
import { type CoreModule, WasmCore } from "./wasm_core.ts";
import { WasmOpener, WasmSealer } from "./wasm_lane.ts";
import { WasmReader } from "./wasm_reader.ts";
import { WasmRuns } from "./wasm_runs.ts";

/** Packets on the WebAssembly core. */
export class WasmPacketCodec implements PacketCodec {
  readonly kind = "wasm";
  readonly choice: string;
  readonly #source: CoreModule;
  #core: WasmCore;

  /** Makes the first instance. @throws where this engine forbids to make one. */
  constructor(source: CoreModule, choice: string = `wasm, ${source.build} SIMD build`) {
    this.#source = source;
    this.#core = new WasmCore(source);
    this.choice = choice;
  }

  /** The instance of today. */
  protected readonly live = (): WasmCore => {
    if (this.#core.discarded) this.#core = new WasmCore(this.#source);
    return this.#core;
  };

  readonly #createRuns = (runsMax: number): WasmRuns => new WasmRuns(this.live(), runsMax);

  /** The instance that lanes are made on now; for tests. */
  get core(): WasmCore {
    return this.live();
  }

  get plaintext(): Uint8Array {
    return this.live().plaintext;
  }

  get opened(): Uint8Array {
    return this.live().opened;
  }

  chacha20poly1305(key: Uint8Array, nonce: Uint8Array, aad?: Uint8Array): Aead {
    checkBytes("nonce", nonce, 12);
    return new WasmAead(this.live, key, nonce, aad);
  }

  writePacket(flags: number, body: Uint8Array): Uint8Array {
    return unsealedPacket(flags, body);
  }

  pack(length: number, target: Uint8Array, at: number): number {
    return packUnsealed(this.plaintext, length, target, at);
  }

  fragmentBytes(total: number, room: number): number {
    checkFragment(total, room);
    const core = this.live();
    return core.guard(() => core.exports.fragmentBytes(total, room)) >>> 0;
  }

  createSealer(options: LaneOptions): Sealer {
    return new WasmSealer(this.live(), options);
  }

  createOpener(options: LaneOptions): Opener {
    return new WasmOpener(this.live(), options);
  }

  createReader(options: { readonly datagram: boolean; readonly packetBytesMax: number }): PacketReader {
    return new WasmReader(this.live(), options);
  }

  createReassembler(limits: ReassemblyLimits): Reassembler {
    const reassembler = new MessageReassembler(limits, this.#createRuns);
    this.live().reserveSlots(limits.messagesMax);
    return reassembler;
  }
}

/**
 * Lanes of the WebAssembly core: each half is a slot of its memory.
 *
 * @module
 */

import { checkBytes, checkLane, checkSeal, KEY_BYTES } from "./arguments.ts";
import type { LaneOptions, Opener, Sealer, SealOptions } from "./codec.ts";
import { FLAG_LZ4 } from "./packet_header.ts";
import { statusError } from "./status.ts";
import type { WasmCore } from "./wasm_core.ts";

/** What marks a half whose slot has been given back; slots lie far above it. */
const NO_SLOT = 0;

/** What both halves have: a slot that is wiped when it is no longer needed. */
class LaneSlot {
  readonly core: WasmCore;
  readonly datagram: boolean;
  #slot: number;

  constructor(core: WasmCore, datagram: boolean) {
    this.core = core;
    this.datagram = datagram;
    this.#slot = core.takeSlot();
  }

  /** @throws {TypeError} once disposed. */
  get address(): number {
    if (this.#slot === NO_SLOT) throw new TypeError("this half of the lane is disposed");
    return this.#slot;
  }

  dispose(): void {
    if (this.#slot === NO_SLOT) return;
    this.core.returnSlot(this.#slot);
    this.#slot = NO_SLOT;
  }
}

/** Splits a lane id below 2^53 into two words. */
function laneWords(lane: number): [low: number, high: number] {
  return [lane % 2 ** 32, Math.floor(lane / 2 ** 32)];
}

/** The sending half of a lane. */
export class WasmSealer implements Sealer {
  readonly #slot: LaneSlot;

  constructor(core: WasmCore, options: LaneOptions) {
    checkLane(options);
    this.#slot = new LaneSlot(core, options.datagram);
    core.setKey(options.key);
    const [low, high] = laneWords(options.lane);
    const { epoch = 0, sequence = 0, datagram } = options;
    const { address } = this.#slot;
    core.guard(() => core.exports.sealerCreate(address, low, high, epoch, sequence, datagram));
  }

  get epoch(): number {
    return this.#slot.core.exports.sealerEpoch(this.#slot.address) >>> 0;
  }

  get sequence(): number {
    return this.#slot.core.exports.sealerCounter(this.#slot.address);
  }

  seal(length: number, options: SealOptions, target: Uint8Array, at: number): number {
    const { core, address, datagram } = this.#slot;
    checkSeal(length, options, target, at, datagram);
    const { sessionId, compress, packed } = options;
    const { exports } = core;
    const compression = packed ?? (compress ? FLAG_LZ4 : 0);
    let sealed: number;
    try {
      sealed = sessionId === undefined
        ? exports.seal(address, length, compression, 0, 0)
        : exports.seal(address, length, compression, sessionId[0], sessionId[1]);
    } catch (cause) {
      throw core.discard(cause);
    }
    if (sealed < 0) throw statusError(sealed);
    target.set(core.sealed(sealed), at);
    return sealed;
  }

  rekey(key: Uint8Array): void {
    checkBytes("key", key, KEY_BYTES);
    const { core, address } = this.#slot;
    const { exports } = core; // Throws before the key goes into a dead instance.
    core.setKey(key);
    const status = core.guard(() => exports.sealerRekey(address));
    if (status < 0) throw statusError(status);
  }

  dispose(): void {
    this.#slot.dispose();
  }
}

/** The receiving half of a lane. */
export class WasmOpener implements Opener {
  readonly #slot: LaneSlot;

  constructor(core: WasmCore, options: LaneOptions) {
    checkLane(options);
    this.#slot = new LaneSlot(core, options.datagram);
    core.setKey(options.key);
    const [low, high] = laneWords(options.lane);
    const { epoch = 0, sequence = 0, datagram } = options;
    const { address } = this.#slot;
    core.guard(() => core.exports.openerCreate(address, low, high, epoch, sequence, datagram));
  }

  get epoch(): number {
    return this.#slot.core.exports.openerEpoch(this.#slot.address) >>> 0;
  }

  get sequence(): number {
    return this.#slot.core.exports.openerCounter(this.#slot.address);
  }

  get replays(): number {
    return this.#slot.core.exports.openerReplays(this.#slot.address) >>> 0;
  }

  rekey(key: Uint8Array): void {
    checkBytes("key", key, KEY_BYTES);
    const { core, address } = this.#slot;
    const { exports } = core; // Throws before the key goes into a dead instance.
    core.setKey(key);
    const status = core.guard(() => exports.openerRekey(address));
    if (status < 0) throw statusError(status);
  }

  forget(): void {
    const { core, address } = this.#slot;
    core.guard(() => core.exports.openerForget(address));
  }

  dispose(): void {
    this.#slot.dispose();
  }

  /** Opens the packet of `length` bytes at an address of `core`; returns the length of its text. */
  open(core: WasmCore, packet: number, length: number): number {
    if (this.#slot.core !== core) throw new TypeError("the opener belongs to another codec");
    let opened: number;
    try {
      opened = core.exports.open(this.#slot.address, packet, length);
    } catch (cause) {
      throw core.discard(cause);
    }
    if (opened < 0) throw statusError(opened);
    return opened;
  }
}

/**
 * One instance of the WebAssembly core: its memory, the views of it, and its slots.
 *
 * Views die when memory grows, so they are made in one place, after every growth. A trap means a bug in
 * the core: the instance is then wiped and never called again.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { CoreExports } from "./wasm_exports.ts";

const PAGE_BYTES = 65_536;
/** Pages by which the slots grow: room for 64 lane halves a page. */
const GROWTH_PAGES = 4;
/** Packets shorter than this are copied out through a view that is kept: making one costs more than such a copy. */
const KEPT_VIEW_BYTES = 512;
/** Slots that can always be taken while an opened packet is being read, whatever its messages start. */
const SPARE_SLOTS_MIN = 64;

/** A build of the core, compiled. */
export interface CoreModule {
  /** Its name, for people. */
  readonly build: string;
  readonly module: WebAssembly.Module;
}

/** Where the registers and arenas lie; see the map in wasm/assembly/memory.ts. */
export interface CoreMap {
  readonly key: number;
  readonly aadBytes: number;
  readonly sealed: number;
  readonly work: number;
  readonly workBytes: number;
  readonly output: number;
  readonly incoming: number;
  readonly incomingBytes: number;
  readonly slots: number;
  readonly slotBytes: number;
}

/** Whoever has unread bytes in the incoming arena. */
export interface ArenaTenant {
  /** Another needs the arena: take what is unread out of it. */
  evict(): void;
}

/** An instance, alive until it traps. */
export class WasmCore {
  /** What it is an instance of. */
  readonly source: CoreModule;
  /** Read once, because asking a WebAssembly global costs a call. */
  readonly map: CoreMap;
  readonly #exports: CoreExports;
  readonly #freeSlots: number[] = [];
  /** By length. */
  readonly #sealedViews: (Uint8Array<ArrayBuffer> | undefined)[] = new Array(KEPT_VIEW_BYTES).fill(undefined);
  #slotsEnd: number;
  #spareSlots = SPARE_SLOTS_MIN;
  #failure: unknown;
  #discarded = false;

  /** All of memory. Like all views: to be read anew after anything that may grow it. */
  bytes!: Uint8Array<ArrayBuffer>;
  /** What `deframe` reports. */
  report!: Uint32Array<ArrayBuffer>;
  /** What `runsAdd` reports. */
  gaps!: Uint32Array<ArrayBuffer>;
  /** Where bodies are composed. */
  plaintext!: Uint8Array<ArrayBuffer>;
  /** Where opened text lies. */
  opened!: Uint8Array<ArrayBuffer>;
  /** Another instance, without lanes, for texts that the arenas do not hold. */
  companion: WasmCore | undefined;
  /** Where a text that the arenas do not hold waits until its tag is known to be right. */
  waitingRoom: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Who uses the incoming arena. */
  tenant: ArenaTenant | undefined;

  constructor(source: CoreModule) {
    this.source = source;
    const instance = new WebAssembly.Instance(source.module);
    this.#exports = instance.exports as unknown as CoreExports;
    this.map = readMap(this.#exports);
    this.#slotsEnd = this.map.slots;
    this.#makeViews();
  }

  /** @throws {HawserError} `closed` once the instance has been discarded. */
  get exports(): CoreExports {
    if (this.#discarded) throw this.#discardedError();
    return this.#exports;
  }

  /** Whether a trap has ended this instance. */
  get discarded(): boolean {
    return this.#discarded;
  }

  #makeViews(): void {
    const { memory, REPORT, GAPS, PLAINTEXT, OPENED, BODY_BYTES_MAX } = this.#exports;
    const { buffer } = memory;
    this.#sealedViews.fill(undefined);
    this.bytes = new Uint8Array(buffer);
    this.report = new Uint32Array(buffer, REPORT.value, 16);
    this.gaps = new Uint32Array(buffer, GAPS.value, 256);
    this.plaintext = new Uint8Array(buffer, PLAINTEXT.value, BODY_BYTES_MAX.value);
    this.opened = new Uint8Array(buffer, OPENED.value, BODY_BYTES_MAX.value);
  }

  /** The first `length` bytes of the sealed arena. */
  sealed(length: number): Uint8Array<ArrayBuffer> {
    const { sealed } = this.map;
    if (length >= KEPT_VIEW_BYTES) return this.bytes.subarray(sealed, sealed + length);
    return this.#sealedViews[length] ??= this.bytes.subarray(sealed, sealed + length);
  }

  /** Grows memory and makes all views anew. @throws {HawserError} `limit` where the engine refuses. */
  grow(pages: number): void {
    try {
      this.exports.memory.grow(pages);
    } catch (cause) {
      throw new HawserError("limit", "the memory of the WebAssembly core cannot grow; close connections", {
        cause,
      });
    }
    this.#makeViews();
  }

  /** Grows memory until it has `bytes` bytes. */
  growTo(bytes: number): void {
    const pages = Math.ceil((bytes - this.bytes.length) / PAGE_BYTES);
    if (pages > 0) this.grow(pages);
  }

  /** An empty slot. */
  takeSlot(): number {
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    const slot = this.#slotsEnd;
    if (slot + this.map.slotBytes > this.bytes.length) this.grow(GROWTH_PAGES);
    this.#slotsEnd += this.map.slotBytes;
    return slot;
  }

  /** From now on, `growAhead` sees to it that so many slots can be taken without growing memory. */
  reserveSlots(count: number): void {
    this.#spareSlots = Math.max(this.#spareSlots, count);
    this.growAhead();
  }

  /** Grows now, so that views stay alive while opened text is read and its fragments take their slots. */
  growAhead(): void {
    const missing = this.#spareSlots - this.#freeSlots.length;
    if (missing > 0) this.growTo(this.#slotsEnd + missing * this.map.slotBytes);
  }

  /** Wipes a slot and takes it back. */
  returnSlot(slot: number): void {
    if (this.#discarded) return;
    this.guard(() => this.#exports.slotWipe(slot));
    this.#freeSlots.push(slot);
  }

  /** Puts a key, or a key with what lies behind it, where the next call takes it from. */
  setKey(key: Uint8Array): void {
    this.bytes.set(key, this.map.key);
  }

  /** Runs a call into the core. The hot paths spell this out, because a closure costs an allocation. */
  guard<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw this.discard(cause);
    }
  }

  /** Ends the instance if `cause` is a trap: all of its memory is wiped. Returns the error to throw. */
  discard(cause: unknown): unknown {
    if (!(cause instanceof WebAssembly.RuntimeError)) return cause;
    this.#discarded = true;
    this.#failure = cause;
    this.bytes.fill(0);
    this.companion = undefined;
    this.waitingRoom.fill(0);
    this.tenant = undefined;
    return this.#discardedError();
  }

  #discardedError(): HawserError {
    return new HawserError(
      "closed",
      "the WebAssembly core trapped and was discarded with all keys in it; connect anew, and report this bug",
      { cause: this.#failure },
    );
  }
}

function readMap(exports: CoreExports): CoreMap {
  return {
    key: exports.KEY.value,
    aadBytes: exports.AAD_BYTES.value,
    sealed: exports.SEALED.value,
    work: exports.WORK.value,
    workBytes: exports.WORK_BYTES.value,
    output: exports.OUTPUT.value,
    incoming: exports.INCOMING.value,
    incomingBytes: exports.INCOMING_BYTES.value,
    slots: exports.SLOTS.value,
    slotBytes: exports.SLOT_BYTES.value,
  };
}

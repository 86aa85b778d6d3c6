/**
 * Which bytes of a message have arrived, kept in a slot of the WebAssembly core.
 *
 * @module
 */

import type { Runs } from "./reassembler.ts";
import type { WasmCore } from "./wasm_core.ts";

/** Sorted runs in a slot. */
export class WasmRuns implements Runs {
  readonly #core: WasmCore;
  readonly #slot: number;
  readonly #runsMax: number;

  constructor(core: WasmCore, runsMax: number) {
    this.#core = core;
    this.#slot = core.takeSlot();
    this.#runsMax = runsMax;
  }

  add(start: number, end: number): number {
    try {
      return this.#core.exports.runsAdd(this.#slot, start, end, this.#runsMax);
    } catch (cause) {
      throw this.#core.discard(cause);
    }
  }

  gapStart(index: number): number {
    return this.#core.gaps[2 * index];
  }

  gapEnd(index: number): number {
    return this.#core.gaps[2 * index + 1];
  }

  dispose(): void {
    this.#core.returnSlot(this.#slot);
  }
}

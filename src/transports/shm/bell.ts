/**
 * How an end that sleeps is woken.
 *
 * @module
 */

import type { Link } from "../../link.ts";
import { nextTurn } from "../turn.ts";
import type { Region } from "./region.ts";

/** Wakes the other end, and is woken by it. */
export interface Bell {
  /** Wakes the other end. */
  ring(): void;
  /** Is woken no more. */
  stop(): void;
}

// Not in every version of the library types.
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { async: boolean; value: Promise<string> };
const waitAsync = (Atomics as { waitAsync?: WaitAsync }).waitAsync;

/** A word in memory, for threads of one process: 5 µs. */
export class AtomicBell implements Bell {
  /** Whether the runtime can wait without standing still. */
  static readonly isAvailable: boolean = waitAsync !== undefined;
  readonly #region: Region;
  #isStopped = false;

  constructor(region: Region, onRing: () => void) {
    this.#region = region;
    void this.#listen(onRing);
  }

  ring(): void {
    const { words, peerBell } = this.#region;
    Atomics.add(words, peerBell, 1);
    Atomics.notify(words, peerBell);
  }

  stop(): void {
    this.#isStopped = true;
    Atomics.notify(this.#region.words, this.#region.bell);
  }

  async #listen(onRing: () => void): Promise<void> {
    const { words, bell } = this.#region;
    let heard = 0;
    while (!this.#isStopped) {
      const waiting = waitAsync!(words, bell, heard);
      // Rung since: in a turn of its own, so that a peer which never stops ringing stops nobody else.
      await (waiting.async ? waiting.value : new Promise<void>(nextTurn));
      heard = Atomics.load(words, bell);
      if (!this.#isStopped) onRing();
    }
  }
}

const KNOCK = 1;

/** A byte over the link that carries the memory: for processes, and where threads cannot wait. */
export class CarrierBell implements Bell {
  readonly #carrier: Link;

  /** What arrives over `carrier` is the sound of it. */
  constructor(carrier: Link) {
    this.#carrier = carrier;
  }

  ring(): void {
    this.#carrier.send(Uint8Array.of(KNOCK));
  }

  stop(): void {}
}

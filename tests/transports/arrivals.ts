/**
 * What a link tells its user, to be awaited by a test.
 *
 * @module
 */

import type { HawserError } from "../../src/errors.ts";
import type { LinkHandler } from "../../src/link.ts";

/** Keeps all that arrives, as copies. */
export class Arrivals implements LinkHandler {
  /** How often the link said that it is gone. */
  closed = 0;
  /** How often the link said that it has room again. */
  drains = 0;
  /** What the link said when it was gone. */
  error: HawserError | undefined;
  /** Resolves when the link is gone. */
  readonly ended: Promise<void>;
  /** Resolves with the first drain. */
  readonly drained: Promise<void>;
  readonly #received: Uint8Array[] = [];
  #onReceive: (() => void) | undefined;
  #onDrains: (() => void)[] = [];
  #onEnded!: () => void;

  constructor() {
    this.ended = new Promise((resolve) => this.#onEnded = resolve);
    this.drained = this.nextDrain();
  }

  /** How much arrived that nobody has taken. */
  get count(): number {
    return this.#received.length;
  }

  /** The next thing that arrived. */
  async next(): Promise<Uint8Array> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => this.#onReceive = resolve);
    return this.#received.shift()!;
  }

  /** Resolves with the next drain. */
  nextDrain(): Promise<void> {
    return new Promise((resolve) => this.#onDrains.push(resolve));
  }

  onReceive(bytes: Uint8Array): void {
    this.#received.push(new Uint8Array(bytes));
    this.#onReceive?.();
  }

  onDrain(): void {
    this.drains++;
    for (const resolve of this.#onDrains.splice(0)) resolve();
  }

  onClose(error?: HawserError): void {
    this.closed++;
    this.error = error;
    this.#onEnded();
  }
}

/**
 * Counts what is on its way to the kernel, so that a socket's queue stays bounded.
 *
 * @module
 */

import { LINK_CLOSE_MS_MAX, UDP_SEND_HIGH, UDP_SEND_MAX } from "../../limits.ts";

/** The sends of one socket that the kernel has not confirmed. */
export class SendWindow {
  /** Datagrams that were dropped, for whatever reason. */
  dropped = 0;
  readonly #onDrain: () => void;
  #onIdle: (() => void) | undefined;
  #pending = 0;
  #congested = false;
  #draining = false;

  /** `onDrain` is called when congestion has ended. */
  constructor(onDrain: () => void) {
    this.#onDrain = onDrain;
  }

  /** True from `UDP_SEND_HIGH` pending datagrams until half of them are gone and a turn has passed. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Counts one more datagram; `false`: the queue is full, and it must be dropped (it is counted). */
  enter(): boolean {
    if (this.#pending >= UDP_SEND_MAX) {
      this.dropped++;
      return false;
    }
    if (++this.#pending >= UDP_SEND_HIGH) this.#congested = true;
    return true;
  }

  /** The kernel has taken or refused `count` datagrams. */
  leave(count = 1): void {
    this.#pending = Math.max(0, this.#pending - count); // Late ones follow `giveUp`.
    if (this.#pending === 0) {
      this.#onIdle?.();
      this.#onIdle = undefined;
    }
    if (this.#draining || !this.#congested || this.#pending > UDP_SEND_HIGH / 2) return;
    // The kernel confirms at once. Without a turn between, a sender would starve whoever receives on the same
    // event loop, and overflow its kernel buffer.
    this.#draining = true;
    setImmediate(this.#drain);
  }

  readonly #drain = (): void => {
    this.#draining = false;
    if (!this.#congested || this.#pending >= UDP_SEND_HIGH) return;
    this.#congested = false;
    this.#onDrain();
  };

  /** Resolves when nothing is pending any more, or `giveUp` is called, or the kernel took too long. */
  idle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.giveUp(), LINK_CLOSE_MS_MAX);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Nothing is pending any more, whatever the kernel says; tells nobody of a drain. */
  giveUp(): void {
    this.#congested = false;
    this.leave(this.#pending);
  }
}

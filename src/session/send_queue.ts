/**
 * Messages that wait to be sent, and how they become frames.
 *
 * Many small messages share one packet body; one that is larger than a whole
 * body is cut into fragments.
 *
 * @module
 */

import { FRAME_COST_BYTES } from "../limits.ts";
import { FRAGMENT_OVERHEAD_MAX, messageFrameLength, writeFragment, writeMessage } from "../wire/frames.ts";
import { Fifo } from "../fifo.ts";
import type { SendWindow } from "./flow.ts";

// A fragment below this is not worth its overhead: the rest of the body stays empty instead.
const FRAGMENT_BYTES_MIN = 256;

/** A first-in-first-out queue of messages, of which the first may be sent in part. */
export class SendQueue {
  readonly #messages: Fifo<Uint8Array> = new Fifo();
  readonly #compressible: Fifo<boolean> = new Fifo();
  // Invariant: more than zero exactly while the first message is sent in part.
  #headOffset = 0;
  /** The id that the next message in parts gets. */
  fragmentId = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that wait, one that is sent in part included. */
  get messages(): number {
    return this.#messages.length;
  }

  /** Takes ownership of `message`. */
  push(message: Uint8Array, compressible: boolean): void {
    this.#messages.push(message);
    this.#compressible.push(compressible);
    this.#bytes += message.length;
  }

  /** Puts a copy in place of the last message. */
  replaceLast(copy: Uint8Array): void {
    this.#messages.replaceLast(copy);
  }

  /** Whether the first message may be compressed. */
  get isCompressible(): boolean {
    return this.#compressible.peek() === true;
  }

  /**
   * Writes frames into `target` from `at` up to `end`, as many as fit there and in `window`.
   * Messages with another wish about compression than the first wait for the next body, and
   * messages over `wholeBytesMax` are cut.
   * Returns the position behind the last frame.
   */
  compose(target: Uint8Array, at: number, end: number, window: SendWindow, wholeBytesMax: number): number {
    const compressible = this.isCompressible;
    let message = this.#messages.peek();
    while (message !== undefined && this.isCompressible === compressible) {
      const whole = this.#headOffset === 0 && message.length <= wholeBytesMax;
      const next = whole
        ? this.#composeWhole(target, at, end, window, message)
        : this.#composeFragment(target, at, end, window, message);
      if (next === at) break;
      at = next;
      message = this.#messages.peek();
    }
    return at;
  }

  /** Forgets everything; returns how many messages were not sent whole. */
  clear(): number {
    const count = this.messages;
    this.#messages.clear();
    this.#compressible.clear();
    this.#headOffset = this.#bytes = 0;
    return count;
  }

  #composeWhole(
    target: Uint8Array,
    at: number,
    end: number,
    window: SendWindow,
    message: Uint8Array,
  ): number {
    const cost = message.length + FRAME_COST_BYTES;
    if (messageFrameLength(message.length) > end - at || cost > window.room) return at;
    window.offset += cost;
    this.#bytes -= message.length;
    this.#shift();
    return writeMessage(target, at, message);
  }

  #composeFragment(
    target: Uint8Array,
    at: number,
    end: number,
    window: SendWindow,
    message: Uint8Array,
  ): number {
    const rest = message.length - this.#headOffset;
    const length = Math.min(rest, end - at - FRAGMENT_OVERHEAD_MAX, window.room - FRAME_COST_BYTES);
    if (length < Math.min(rest, FRAGMENT_BYTES_MIN)) return at;
    at = writeFragment(target, at, this.fragmentId, message, this.#headOffset, length);
    window.offset += length + FRAME_COST_BYTES;
    this.#bytes -= length;
    this.#headOffset += length;
    if (length === rest) {
      this.fragmentId++;
      this.#headOffset = 0;
      this.#shift();
    }
    return at;
  }

  #shift(): void {
    this.#messages.shift();
    this.#compressible.shift();
  }
}

/**
 * The protocol state machine of two peers.
 *
 * Bytes come in through `handleReceive`, time through `handleTimeout`; what is
 * to be sent is drained with `transmit`, what has arrived with `takeMessage`,
 * what has happened with `takeEvent`. Nothing here reads a clock, holds a
 * timer, or touches a socket. Times are milliseconds on the driver's clock.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { SessionSendOptions } from "./config.ts";
import type { ApplicationFrame } from "./inbox.ts";
import { compressionNameTo, isPlain } from "./negotiation.ts";
import { notOpen } from "./states.ts";
import { flowStats, type SessionStats, timeStats } from "./stats.ts";
import { SessionLife } from "./session_life.ts";

/** One side of a conversation. */
export class Session extends SessionLife {
  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.outgoing.outbox.state.bytes;
  }

  /** Whether the queue is above the high-water mark, and `drained` will follow. */
  get isCongested(): boolean {
    return this.outgoing.isCongested;
  }

  /** How hard it is to send, from 0 (nothing waits) to 1: how full the queue is, or the peer's window. */
  get pressure(): number {
    return this.outgoing.pressure;
  }

  /** The largest message that travels in one packet of this link. */
  get wholeMessageBytesMax(): number {
    return this.outgoing.wholeMessageBytesMax;
  }

  /**
   * Queues a message; its bytes must stay as they are until they have left, or `keepLast` has a copy of them. Returns
   * `false` when the queue is now above its high-water mark.
   * @throws {HawserError} `closed`, `packet-too-large` or `backpressure`; nothing is queued then.
   */
  send(message: Uint8Array, options?: SessionSendOptions): boolean {
    if (this.state !== "open" && this.state !== "suspended") throw notOpen(this.state);
    this.outgoing.push(message, options);
    return !this.outgoing.isCongested;
  }

  /** Puts a copy in place of the message that was sent last, if any of it still waits. */
  keepLast(copy: () => Uint8Array): void {
    this.outgoing.outbox.keepLast(copy);
  }

  /**
   * Queues a frame of one of the application's own types; returns as `send` does.
   * @throws {HawserError} as `send`.
   */
  sendFrame(type: number, bytes: Uint8Array): boolean {
    if (this.state !== "open" && this.state !== "suspended") throw notOpen(this.state);
    this.outgoing.pushFrame(type, bytes);
    return !this.outgoing.isCongested;
  }

  /** Frames of these types wait for `takeFrame`; all others are passed over. */
  set frameTypes(types: Pick<ReadonlySet<number>, "has"> | undefined) {
    this.incoming.frames.types = types;
  }

  /** The next frame of a type that is wanted; `undefined` if none waits. */
  takeFrame(): ApplicationFrame | undefined {
    const frame = this.incoming.inbox.takeFrame();
    if (frame !== undefined) this.#updateWindow();
    return frame;
  }

  /** Sends a ping; its pong comes as an event with the same token. */
  ping(now: number): number {
    const token = this.pings.next(now);
    this.outgoing.controls.ping = token;
    return token;
  }

  /**
   * Bytes of the link arrived; they may be reused when this returns. Without bytes: goes on with those that came before.
   * Returns whether there may be more to go on with, once the application has taken its messages.
   */
  handleReceive(bytes: Uint8Array | undefined, now: number): boolean {
    // What a link brings after its end is nobody's: it will be said again.
    if (this.state === "closed" || this.state === "suspended") return false;
    let isMore = false;
    try {
      isMore = bytes === undefined ? this.incoming.handleRest(now) : this.incoming.receive(bytes, now);
      this.openIfDue(now);
    } catch (error) {
      this.handleFault(error);
    }
    this.#updateWindow(now);
    return isMore;
  }

  /** Time has passed: does what is due. Safe to call early or twice. */
  handleTimeout(now: number): void {
    if (this.state === "closed") return;
    try {
      this.survival.handleTimeout(now);
      this.incoming.handleTimeout(now);
      this.#updateWindow(now);
      this.outgoing.handleTimeout(now);
      this.#updateCongestion();
      if (this.opening.handleTimeout(now)) this.outgoing.controls.accept = true;
      if (this.closing !== undefined && this.outgoing.farewell.isExhausted) {
        return this.end({ ...this.closing, by: "local" });
      }
      if (this.state !== "suspended") this.#keepAlive(now);
      this.openIfDue(now);
    } catch (error) {
      this.handleFault(error);
    }
  }

  #keepAlive(now: number): void {
    try {
      if (this.lifetime.handleTimeout(now)) this.ping(now);
    } catch (error) {
      if (this.state !== "open" || !(error instanceof HawserError)) throw error;
      this.handleLost(error, now);
    }
  }

  /** When `handleTimeout` has something to do; `Infinity` if never. */
  deadline(): number {
    if (this.state === "closed") return Infinity;
    return Math.min(
      this.opening.deadline(),
      this.state === "suspended" ? this.survival.deadline() : this.lifetime.deadline(),
      this.incoming.deadline(),
      this.outgoing.deadline(),
    );
  }

  /** How large the buffer for the next packet must be; 0 if nothing waits. */
  get packetBytesMax(): number {
    return this.opening.pendingBytes || this.outgoing.packetBytesMax;
  }

  /** Writes the next packet into `target`, which has `packetBytesMax` bytes from `at` on; returns its length, or 0 if nothing can leave. */
  transmit(target: Uint8Array, at: number, now: number): number {
    const body = this.opening.takePending();
    if (body !== undefined) return this.outgoing.transmitHandshake(body, target, at);
    const bytes = this.outgoing.transmit(target, at, now);
    if (this.outgoing.isCongested) this.#updateCongestion();
    return bytes;
  }

  /** The next message for the application; `undefined` if none waits, or a rate says that it is too soon. */
  takeMessage(now?: number): Uint8Array | undefined {
    const message = this.incoming.take(now);
    if (message !== undefined) this.#updateWindow(now);
    return message;
  }

  /** The next message for the message layer, which says with `releaseTyped` when it is done with it; `undefined` if none waits. */
  takeTyped(now?: number): Uint8Array | undefined {
    return this.incoming.takeTyped(now);
  }

  /** The message layer is done with a message of `length` bytes: to be called once for each that it took. */
  releaseTyped(length: number): void {
    this.incoming.inbox.releaseTyped(length);
    this.#updateWindow();
  }

  /** What was counted so far. */
  stats(now: number): SessionStats {
    return {
      ...flowStats(this.outgoing, this.incoming, now),
      ...timeStats(this.lifetime, now),
      roundTripMs: this.pings.roundTripMs,
      codec: this.config.codec.choice,
      compression: this.peer && compressionNameTo(this.config, this.peer),
      sealed: this.peer !== undefined && !isPlain(this.peer),
    };
  }

  handlePong(token: number, now: number): void {
    const roundTripMs = this.pings.handlePong(token, now);
    if (roundTripMs !== undefined) this.events.push({ type: "pong", token, roundTripMs });
  }

  #updateWindow(now?: number): void {
    if (this.lifetime.openedAt !== undefined) this.incoming.updateWindow(now);
  }

  #updateCongestion(): void {
    if (this.outgoing.takeDrained()) this.events.push({ type: "drained" });
  }
}

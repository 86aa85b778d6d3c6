/**
 * Decides when to ping a silent peer and when to give it up for dead.
 *
 * Holds no timer and reads no clock: the driver passes `now` in and asks
 * `deadline()` when to come back. Times are milliseconds on its clock.
 *
 * @module
 */

/** What the session must do now. */
export type KeepaliveAction = "wait" | "ping" | "give-up";

/** One side's view of whether the other is still there. */
export class Keepalive {
  readonly #intervalMs: number;
  readonly #intervalsMax: number;
  #heardAt: number;
  // Invariant: how many intervals since `heardAt` have ended in a ping.
  #silent = 0;

  /** Asks after each silent `intervalMs`, and gives up after `intervalsMax` of them. */
  constructor(intervalMs: number, intervalsMax: number, now: number) {
    this.#intervalMs = intervalMs;
    this.#intervalsMax = intervalsMax;
    this.#heardAt = now;
  }

  /** Any authentic packet proves the peer alive, not only a pong. */
  handleReceive(now: number): void {
    this.#heardAt = now;
    this.#silent = 0;
  }

  /** Safe to call early or twice: acts only once the deadline has passed. */
  handleTimeout(now: number): KeepaliveAction {
    if (now < this.deadline()) return "wait";
    // Intervals that were slept through count once: the peer had no chance to answer a ping that was not sent.
    this.#silent++;
    if (this.#silent >= this.#intervalsMax) return "give-up";
    this.#heardAt = Math.max(this.#heardAt, now - this.#silent * this.#intervalMs);
    return "ping";
  }

  /** The earliest `now` at which `handleTimeout` has something to do. */
  deadline(): number {
    return this.#heardAt + (this.#silent + 1) * this.#intervalMs;
  }
}

/**
 * How long each phase of a session may take: the handshake, the silence of the peer, the close.
 *
 * Holds no timer and reads no clock: times are milliseconds on the driver's clock.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { SessionLimits } from "../limits.ts";
import { Keepalive } from "./keepalive.ts";

/** The times of one session. */
export class Lifetime {
  /** When the session was made. */
  readonly startedAt: number;
  readonly #limits: SessionLimits;
  readonly #keepalive: Keepalive;
  #openedAt: number | undefined;
  #closingUntil = Infinity;

  /** The handshake begins now. */
  constructor(limits: SessionLimits, now: number) {
    this.startedAt = now;
    this.#limits = limits;
    this.#keepalive = new Keepalive(limits.keepaliveMs, limits.silentIntervalsMax, now);
  }

  /** When messages could flow first; `undefined` before that. */
  get openedAt(): number | undefined {
    return this.#openedAt;
  }

  /** The handshake is over. */
  open(now: number): void {
    this.#openedAt = now;
    this.#keepalive.handleReceive(now);
  }

  /** The peer is alive. */
  handleReceive(now: number): void {
    this.#keepalive.handleReceive(now);
  }

  /** We want to close. */
  close(now: number): void {
    this.#closingUntil = now + this.#limits.closeMsMax;
  }

  /**
   * Returns whether the peer should be pinged.
   * @throws {HawserError} `timeout` when a phase took too long.
   */
  handleTimeout(now: number): boolean {
    const { keepaliveMs, silentIntervalsMax, handshakeMsMax } = this.#limits;
    if (now >= this.#closingUntil) throw overdue("the peer did not answer CLOSE in time");
    if (this.#openedAt === undefined) {
      if (now < this.startedAt + handshakeMsMax) return false;
      throw overdue(`the handshake was not over within ${handshakeMsMax} ms`);
    }
    const action = this.#keepalive.handleTimeout(now);
    if (action !== "give-up") return action === "ping";
    throw overdue(`the peer was silent for ${keepaliveMs * silentIntervalsMax} ms: taken for dead`);
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#openedAt === undefined
      ? this.startedAt + this.#limits.handshakeMsMax
      : Math.min(this.#keepalive.deadline(), this.#closingUntil);
  }
}

function overdue(what: string): HawserError {
  return new HawserError("timeout", what);
}

/**
 * Credit-based flow control of a whole connection, both halves.
 *
 * Offsets count what MESSAGE and FRAGMENT frames cost: their bytes and
 * FRAME_COST_BYTES each, and DATAGRAM_COST_BYTES for each datagram that
 * carries any. A receiver lets its peer send up to an offset that lies a
 * window beyond what its application has taken. On datagram lanes, where
 * packets are lost, each says the offset at which it starts, so that both
 * sides agree again with the next one that arrives.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

/** What we may send. */
export class SendWindow {
  /** What was sent. */
  offset = 0;
  /** Where the peer wants us to stop. */
  limit: number;

  /** Starts with the window that the peer's hello gave. */
  constructor(windowBytes: number) {
    this.limit = windowBytes;
  }

  /** How much more may be sent now. */
  get room(): number {
    return this.limit - this.offset;
  }

  /** The peer took something. Returns whether that gives new room: limits never go back. */
  handleLimit(limit: number): boolean {
    if (limit <= this.limit) return false;
    this.limit = limit;
    return true;
  }
}

/** How much came, and how much may come. */
export interface ReceiveWindowSnapshot {
  readonly received: number;
  readonly limit: number;
}

/** What the peer may send. */
export class ReceiveWindow {
  readonly #windowBytes: number;
  #received = 0;
  // Where the current packet stands: behind `received` if it is late.
  #at = 0;
  #waiting = 0;
  #limit: number;

  /** Starts with the window that our hello gave, or goes on where another stood. */
  constructor(windowBytes: number, from?: ReceiveWindowSnapshot) {
    this.#windowBytes = windowBytes;
    this.#limit = from?.limit ?? windowBytes;
    this.#received = from?.received ?? 0;
  }

  /** Where it stands, while nothing waits. */
  freeze(): ReceiveWindowSnapshot {
    return { received: this.#received, limit: this.#limit };
  }

  /**
   * A packet begins. On datagram lanes it says what the peer had sent before it; a late one says less than has
   * come already, and what it carries then counts for nothing new.
   * @throws {HawserError} `protocol` if that is beyond the peer's limit.
   */
  beginPacket(offset: number = this.#received): void {
    this.#at = offset;
    this.handleReceive(0);
  }

  /**
   * The packet carries frames that cost `cost`.
   * @throws {HawserError} `protocol` if they are beyond the peer's limit.
   */
  handleReceive(cost: number): void {
    this.#at += cost;
    if (this.#at > this.#limit) {
      throw new HawserError("protocol", "the peer sent more than its window allows");
    }
    if (this.#at > this.#received) this.#received = this.#at;
  }

  /** Messages that cost `cost` wait for the application. */
  hold(cost: number): void {
    this.#waiting += cost;
  }

  /** The application took messages that cost `cost`. */
  release(cost: number): void {
    this.#waiting -= cost;
  }

  /** What waits for the application. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Whether the peer should hear of a new limit: a quarter of the window has become free since the last; or less, where it
   * has little left. What it keeps for typed messages is three quarters of an eighth: a third of that must be news, or it
   * would wait for ever.
   */
  get isDue(): boolean {
    return this.#isWorth(this.#next() - this.#limit, this.#windowBytes / 4);
  }

  /** The same, with a limit at most `roomMax` bytes beyond what came, and `worth` bytes being news enough. */
  isDueWithin(roomMax: number, worth: number): boolean {
    return this.#isWorth(this.#next(roomMax) - this.#limit, Math.min(worth, this.#windowBytes / 4));
  }

  #isWorth(freed: number, worth: number): boolean {
    if (freed >= worth) return true;
    const little = Math.min(worth, this.#windowBytes / 32);
    return freed >= little && this.unused <= this.#windowBytes / 8;
  }

  /** What the peer may still send by the last limit. */
  get unused(): number {
    return this.#limit - this.#received;
  }

  /** The limit to tell the peer now, at most `roomMax` bytes beyond what came; limits never go back. */
  takeLimit(roomMax?: number): number {
    this.#limit = Math.max(this.#limit, this.#next(roomMax));
    return this.#limit;
  }

  #next(roomMax: number = Infinity): number {
    return this.#received + Math.min(this.#windowBytes - this.#waiting, roomMax);
  }
}

/**
 * Pings that are under way, and what their answers say about the round trip.
 *
 * @module
 */

// More pings than that without an answer: the older ones are lost.
const PINGS_MAX = 16;

/** Gives tokens to pings, and takes the time until they come back. */
export class Pings {
  // None while no ping is under way: idle connections are many.
  #sentAt: Map<number, number> | undefined;
  #smoothedMs: number | undefined;
  #token = 0;

  /** The smoothed round trip in milliseconds (RFC 6298 §2); `undefined` before the first sample. */
  get roundTripMs(): number | undefined {
    return this.#smoothedMs;
  }

  /** Takes one round trip, measured here or elsewhere. */
  handleSample(sampleMs: number): void {
    this.#smoothedMs = this.#smoothedMs === undefined
      ? sampleMs
      : 0.875 * this.#smoothedMs + 0.125 * sampleMs;
  }

  /** The token of a ping that leaves now. */
  next(now: number): number {
    this.#token++;
    const sentAt = this.#sentAt ??= new Map();
    sentAt.set(this.#token, now);
    if (sentAt.size > PINGS_MAX) sentAt.delete(this.#token - PINGS_MAX);
    return this.#token;
  }

  /** A pong came: its round trip, or `undefined` if nobody asked. */
  handlePong(token: number, now: number): number | undefined {
    const sentAt = this.#sentAt?.get(token);
    if (sentAt === undefined) return undefined;
    this.#sentAt?.delete(token);
    if (this.#sentAt?.size === 0) this.#sentAt = undefined;
    this.handleSample(now - sentAt);
    return now - sentAt;
  }
}

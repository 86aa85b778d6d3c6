/**
 * Pings that are under way, and what their answers say about the round trip.
 *
 * @module
 */

// More pings than that without an answer: the older ones are lost.
const PINGS_MAX = 16;

/** Gives tokens to pings, and takes the time until they come back. */
export class Pings {
  readonly #sentAt: Map<number, number> = new Map();
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
    this.#sentAt.set(this.#token, now);
    if (this.#sentAt.size > PINGS_MAX) this.#sentAt.delete(this.#token - PINGS_MAX);
    return this.#token;
  }

  /** A pong came: its round trip, or `undefined` if nobody asked. */
  handlePong(token: number, now: number): number | undefined {
    const sentAt = this.#sentAt.get(token);
    if (sentAt === undefined) return undefined;
    this.#sentAt.delete(token);
    this.handleSample(now - sentAt);
    return now - sentAt;
  }
}

/**
 * A token bucket: what may pass in the long run, and how much at once.
 *
 * Whoever takes more than there is leaves a debt, and the next one waits until
 * it is paid: so nothing has to be cut to fit, and the rate is exact all the
 * same. Times are milliseconds on the driver's clock.
 *
 * @module
 */

/** Tokens that come at a steady rate, and are kept up to a burst. */
export class TokenBucket {
  readonly #msPerToken: number;
  /** The most that is kept. */
  readonly burst: number;
  // When there is nothing left, and nothing owed; the one number that changes.
  #emptyAt: number;

  /** Starts full. */
  constructor(perSecond: number, burst: number, now: number) {
    this.#msPerToken = 1_000 / perSecond;
    this.burst = burst;
    this.#emptyAt = now - burst * this.#msPerToken;
  }

  /** How many tokens there are; below 0 what is owed. */
  level(now: number): number {
    return Math.min(this.burst, (now - this.#emptyAt) / this.#msPerToken);
  }

  /** Takes tokens, those too that are not there yet. */
  take(count: number, now: number): void {
    const fullAt = now - this.burst * this.#msPerToken;
    this.#emptyAt = Math.max(this.#emptyAt, fullAt) + count * this.#msPerToken;
  }

  /** When so many tokens will be there, or the burst, whatever is less. */
  readyAt(count: number): number {
    return this.#emptyAt + Math.min(count, this.burst) * this.#msPerToken;
  }

  /** How long so many tokens take to come. */
  msOf(count: number): number {
    return count * this.#msPerToken;
  }
}

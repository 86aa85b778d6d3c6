/**
 * The clock of every session, and the one timer that each may have.
 *
 * @module
 */

/** Milliseconds on a clock that only goes forward. */
export function now(): number {
  return performance.now();
}

// What timers can hold: 2^31 - 1 ms.
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Calls back once a deadline has passed.
 *
 * Deadlines move with every packet, so the timer is not: it is armed anew only
 * for an earlier deadline, and when it fires early it looks again.
 */
export class DeadlineTimer {
  readonly #onDeadline: () => void;
  readonly #onFire = () => this.#fire();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;
  #deadline = Infinity;

  /** Calls `onDeadline` at or after each deadline. */
  constructor(onDeadline: () => void) {
    this.#onDeadline = onDeadline;
  }

  /** Sets the deadline; `Infinity` for none. */
  set(deadline: number): void {
    this.#deadline = deadline;
    if (deadline < this.#armedFor) this.#arm();
  }

  /** Forgets the deadline and frees the timer. */
  clear(): void {
    this.#deadline = this.#armedFor = Infinity;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#armedFor = this.#deadline;
    // Rounded up: a timer that fires early finds nothing to do.
    const delay = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(this.#deadline - now())));
    this.#timer = setTimeout(this.#onFire, delay);
  }

  #fire(): void {
    this.#armedFor = Infinity;
    this.#timer = undefined;
    if (this.#deadline === Infinity) return;
    if (now() >= this.#deadline) this.#onDeadline();
    else this.#arm();
  }
}

/**
 * Spares a server that does not answer: after some failures in a row nobody tries for a while, and then one does.
 *
 * The states are those of `cockatiel`, which is loaded with the first dial.
 *
 * @module
 */

import type { BrokenCircuitError, CircuitBreakerPolicy } from "cockatiel";
import { HawserError } from "../../errors.ts";

/** When a circuit opens, and for how long. */
export interface BreakerOptions {
  /** Failures one after the other until it opens. Default 5. */
  readonly failuresMax: number;
  /** How long it refuses before it lets one attempt through, in milliseconds. Default 10,000. */
  readonly openMs: number;
}

/** `closed`: all are let through. `open`: nobody is. `half-open`: one is, and the others wait for what comes of it. */
export type CircuitState = "closed" | "open" | "half-open";

const STATES: readonly CircuitState[] = ["closed", "open", "half-open", "open"];

/** One circuit. */
export class Breaker {
  readonly #options: BreakerOptions;
  #policy: CircuitBreakerPolicy | undefined;
  #openedAt = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Where it stands. */
  get state(): CircuitState {
    return this.#policy === undefined ? "closed" : STATES[this.#policy.state];
  }

  /**
   * Lets `attempt` through, or refuses it. What fails once `signal` has aborted says nothing about the server.
   * @throws {HawserError} `unavailable` while the circuit is open, or what `attempt` throws.
   */
  async run<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleWhen } = await library();
    const { failuresMax, openMs } = this.#options;
    if (this.#policy === undefined) {
      this.#policy = circuitBreaker(handleWhen(() => !signal.aborted), {
        halfOpenAfter: openMs,
        breaker: new ConsecutiveBreaker(failuresMax),
      });
      this.#policy.onBreak(() => this.#openedAt = performance.now());
    }
    try {
      return await this.#policy.execute(attempt);
    } catch (cause) {
      throw cause instanceof BrokenCircuitError ? this.#refusal(cause) : cause;
    }
  }

  #refusal(cause: BrokenCircuitError): HawserError {
    const { failuresMax, openMs } = this.#options;
    const ms = Math.max(0, Math.ceil(this.#openedAt + openMs - performance.now()));
    return new HawserError(
      "unavailable",
      `the last ${failuresMax} dials failed, so none is tried now; try again in ${ms} ms`,
      { cause },
    );
  }
}

async function library(): Promise<typeof import("cockatiel")> {
  try {
    return await import("cockatiel");
  } catch (cause) {
    throw new HawserError("unsupported", "a circuit breaker needs a package: npm install cockatiel", {
      cause,
    });
  }
}

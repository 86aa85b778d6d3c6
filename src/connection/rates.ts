/**
 * What connections are told about rates: how much may pass each second, and how much at once.
 *
 * @module
 */

import type { SessionLimits } from "../limits.ts";
import { burstBytesOf, type Rate, RateLimit, type SessionRates } from "../session/mod.ts";
import { now } from "./clock.ts";

export type { Rate };

/** What may pass in each direction. */
export interface Rates {
  /** What leaves: what is over it waits in the queue, and `send` returns `false` in time. */
  readonly send?: Rate;
  /** What comes: what is over it waits, a window of it at most, and the peer is kept waiting. */
  readonly receive?: Rate;
}

/**
 * The rates of a session.
 * @throws {RangeError} for a number that is none above 0.
 */
export function sessionRates(own: Rates | undefined, common: Rates | undefined): SessionRates | undefined {
  if (own === undefined && common === undefined) return undefined;
  for (const [name, rates] of [["rates", own], ["commonRates", common]] as const) {
    for (const direction of ["send", "receive"] as const) {
      for (const [key, value] of Object.entries(rates?.[direction] ?? {})) {
        checkNumber(`${name}.${direction}.${key}`, value);
      }
    }
  }
  const limitOf = (rate: Rate | undefined) => rate && new RateLimit(rate, now());
  return { own, common: { send: limitOf(common?.send), receive: limitOf(common?.receive) } };
}

/** The limits under such rates: no peer is given more room at first than it may fill at once. */
export function limitsUnder(
  limits: SessionLimits,
  own: Rates | undefined,
  common: Rates | undefined,
): SessionLimits {
  const burst = Math.min(burstBytesOf(own?.receive), burstBytesOf(common?.receive));
  return { ...limits, windowBytes: Math.min(limits.windowBytes, Math.floor(burst)) };
}

function checkNumber(name: string, value: unknown): void {
  if (value === undefined || (typeof value === "number" && value > 0)) return;
  throw new RangeError(`${name} must be a number above 0, but is ${value}`);
}

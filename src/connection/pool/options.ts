/**
 * What a pool can be told.
 *
 * @module
 */

import {
  BREAKER_FAILURES_MAX,
  BREAKER_OPEN_MS,
  POOL_HEALTH_CHECK_MS,
  POOL_HEALTH_CHECK_MS_MAX,
  POOL_IDLE_MS,
  POOL_LIFETIME_MS,
  POOL_MAX,
  POOL_WAITERS_MAX,
} from "../../pool_limits.ts";
import type { Connection } from "../connection.ts";
import type { ConnectOptions } from "../options.ts";
import type { BreakerOptions } from "./breaker.ts";

/** How idle connections are asked whether they are well. */
export interface HealthCheckOptions {
  /** How often, in milliseconds. Default 30,000. */
  readonly everyMs: number;
  /** How long an answer may take, in milliseconds. Default 5,000. */
  readonly timeoutMs: number;
  /** Says whether a connection is well; one that is not, or whose check throws, is closed. Default: it answers a ping. */
  readonly check?: (connection: Connection, signal: AbortSignal) => boolean | Promise<boolean>;
}

/** What is told about the pool alone. */
export interface PoolBounds {
  /** Connections that are kept even if they are idle. Default 0. */
  readonly min: number;
  /** Connections at once. Default 10. */
  readonly max: number;
  /** How long a connection above `min` may lie idle, in milliseconds. Default 60,000. */
  readonly idleMs: number;
  /** How long a connection is used at most, in milliseconds, give or take a tenth. Default 1,800,000. */
  readonly lifetimeMs: number;
  /** Who may wait for a connection at once; further ones are refused with `limit`. Default 1,024. */
  readonly waitersMax: number;
  /** Open the `min` connections before anybody asks, and open them again when they end. Default true. */
  readonly warm: boolean;
}

/** What a pool can be told, beside all that `connect` can. */
export interface PoolOptions extends Omit<ConnectOptions, "signal">, Partial<PoolBounds> {
  /** How idle connections are asked whether they are well; `false`: not at all. */
  readonly healthCheck?: Partial<HealthCheckOptions> | false;
  /** When dials are no longer tried; `false`: they always are. */
  readonly breaker?: Partial<BreakerOptions> | false;
}

/** The same with every default in its place. */
export interface PoolConfig extends PoolBounds {
  readonly healthCheck: HealthCheckOptions | undefined;
  readonly breaker: BreakerOptions | undefined;
}

/**
 * Puts the defaults in their places.
 * @throws {RangeError} for a number that makes no sense.
 */
export function poolConfig(options: PoolOptions): PoolConfig {
  const { healthCheck = {}, breaker = {} } = options;
  const config: PoolConfig = {
    min: options.min ?? 0,
    max: options.max ?? Math.max(POOL_MAX, options.min ?? 0),
    idleMs: options.idleMs ?? POOL_IDLE_MS,
    lifetimeMs: options.lifetimeMs ?? POOL_LIFETIME_MS,
    waitersMax: options.waitersMax ?? POOL_WAITERS_MAX,
    warm: options.warm ?? true,
    healthCheck: healthCheck === false
      ? undefined
      : { everyMs: POOL_HEALTH_CHECK_MS, timeoutMs: POOL_HEALTH_CHECK_MS_MAX, ...healthCheck },
    breaker: breaker === false
      ? undefined
      : { failuresMax: BREAKER_FAILURES_MAX, openMs: BREAKER_OPEN_MS, ...breaker },
  };
  requireWhole("min", config.min, 0);
  requireWhole("max", config.max, 1);
  requireWhole("waitersMax", config.waitersMax, 0);
  if (config.min > config.max) throw new RangeError(`min (${config.min}) is above max (${config.max})`);
  requireTime("idleMs", config.idleMs);
  requireTime("lifetimeMs", config.lifetimeMs);
  if (config.healthCheck !== undefined) {
    requireTime("healthCheck.everyMs", config.healthCheck.everyMs);
    requireTime("healthCheck.timeoutMs", config.healthCheck.timeoutMs);
  }
  if (config.breaker !== undefined) {
    requireWhole("breaker.failuresMax", config.breaker.failuresMax, 1);
    requireTime("breaker.openMs", config.breaker.openMs);
  }
  return config;
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${name} must be a whole number of at least ${least}, but is ${value}`);
}

function requireTime(name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`${name} must be more than 0 ms, but is ${value}`);
}

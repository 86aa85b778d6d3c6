/**
 * Pools: connections that are opened once and used by many in turn.
 *
 * One connection carries any number of requests at once. A pool is for what needs one of its own for a while, and for
 * spreading load over several.
 *
 * @example
 * ```ts
 * import { listen } from "@hawser/hawser";
 * import { createPool } from "@hawser/hawser/pool";
 *
 * await using server = await listen(["mem://pool-example"]);
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using pool = createPool(server.urls, { max: 4, idleMs: 10_000 });
 * {
 *   await using lease = await pool.acquire({ timeoutMs: 1_000 });
 *   lease.connection.send(new TextEncoder().encode("ahoy"));
 *   console.log(new TextDecoder().decode(await lease.connection.receive())); // ahoy
 * }
 * console.log(pool.stats().idle); // 1
 * ```
 *
 * @module
 */

import { connect } from "../connect.ts";
import { poolConfig, type PoolOptions } from "./options.ts";
import { Pool } from "./pool.ts";

export type { BreakerOptions, CircuitState } from "./breaker.ts";
export type { Lease } from "./lease.ts";
export type { HealthCheckOptions, PoolBounds, PoolOptions } from "./options.ts";
export type { Pool, PoolStats } from "./pool.ts";

/**
 * Makes a pool of connections to one place, which may have several addresses: each dial tries them as `connect` does.
 * Nothing is opened before it is needed, but `min` connections.
 * @throws {RangeError} for bounds that make no sense.
 */
export function createPool(addresses: string | readonly string[], options: PoolOptions = {}): Pool {
  return new Pool(poolConfig(options), (signal) => connect(addresses, { ...options, signal }));
}

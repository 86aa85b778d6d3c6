/**
 * What bounds a pool of connections, and when its circuit opens.
 *
 * @module
 */

/** Connections of one pool. A connection carries many requests at once, so few are enough. */
export const POOL_MAX = 10;
/** Who may wait for a connection: far more than a pool serves within the time anybody has. */
export const POOL_WAITERS_MAX = 1_024;
/** How long a connection may lie idle: what proxies and address translators grant at least. */
export const POOL_IDLE_MS = 60_000;
/** How long a connection is used at all: what was moved behind its address is found within this time. */
export const POOL_LIFETIME_MS = 30 * 60_000;
/** Lifetimes differ by up to this share, so that connections which were opened together do not end together. */
export const POOL_LIFETIME_JITTER = 0.1;
/** How often idle connections are asked whether they are well. */
export const POOL_HEALTH_CHECK_MS = 30_000;
/** How long an answer to that may take. */
export const POOL_HEALTH_CHECK_MS_MAX = 5_000;
/** How long a pool that drains waits for leases to come back. */
export const POOL_DRAIN_MS_MAX = 10_000;
/** Warming: the pause after a dial that failed, which doubles from one to the next. */
export const POOL_WARM_MS_MIN = 100;
/** Warming: the longest pause. */
export const POOL_WARM_MS_MAX = 30_000;
/** Dials that fail one after the other until the circuit opens. */
export const BREAKER_FAILURES_MAX = 5;
/** How long an open circuit refuses before it lets one dial through: about what a restart takes. */
export const BREAKER_OPEN_MS = 10_000;

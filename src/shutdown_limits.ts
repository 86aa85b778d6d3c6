/**
 * The times of a graceful shutdown, each with its reason.
 *
 * @module
 */

/** How long what is in flight may take when a server shuts down: what service managers wait before they kill, at least. */
export const SHUTDOWN_MS_DEFAULT = 10_000;

/** How long the last words to those that were cut off may take to leave. */
export const SHUTDOWN_LAST_MS_MAX = 1_000;

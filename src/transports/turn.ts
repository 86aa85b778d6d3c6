/**
 * Waiting for one turn of the event loop.
 *
 * @module
 */

/** Calls back after what is due now: sockets and timers go first, unlike with a microtask. */
export function nextTurn(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else setTimeout(callback, 0);
}

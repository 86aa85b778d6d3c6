/**
 * The two kinds of ports: those of the web, which dispatch events, and the workers of `node:worker_threads`, which emit.
 *
 * @module
 */

/** What can be registered: a `MessagePort`, a `Worker`, a worker's own global scope, or those of `node:worker_threads`. */
export interface PortLike {
  /** Sends a message, and hands over what is in `transfer`. */
  // deno-lint-ignore no-explicit-any -- the runtimes disagree about what may be transferred
  postMessage(message: any, transfer?: any): void;
  /** Ports of the web. */
  // deno-lint-ignore no-explicit-any -- each runtime types its own events
  addEventListener?(type: string, listener: (event: any) => void): void;
  /** Ports of the web. */
  // deno-lint-ignore no-explicit-any -- as above
  removeEventListener?(type: string, listener: (event: any) => void): void;
  /** `Worker` of `node:worker_threads`. */
  // deno-lint-ignore no-explicit-any -- each event has arguments of its own
  on?(type: any, listener: (value: any) => void): unknown;
  /** `Worker` of `node:worker_threads`. */
  // deno-lint-ignore no-explicit-any -- as above
  off?(type: any, listener: (value: any) => void): unknown;
  /** Message ports queue until they are started. */
  start?(): void;
}

/** What a port tells. */
export interface PortHandler {
  /** A message arrived: whatever the other side sent. */
  onMessage(data: unknown): void;
  /** The other end is gone, where the runtime tells. */
  onGone(): void;
}

/** Begins to hear `port`; the result ends it. */
export function hear(port: PortLike, handler: PortHandler): () => void {
  const onGone = () => handler.onGone();
  if (port.addEventListener !== undefined) {
    const onMessage = (event: { data: unknown }) => handler.onMessage(event.data);
    port.addEventListener("message", onMessage);
    port.addEventListener("close", onGone);
    port.start?.();
    return () => {
      port.removeEventListener?.("message", onMessage);
      port.removeEventListener?.("close", onGone);
    };
  }
  const onMessage = (data: unknown) => handler.onMessage(data);
  port.on?.("message", onMessage);
  port.on?.("exit", onGone);
  return () => {
    port.off?.("message", onMessage);
    port.off?.("exit", onGone);
  };
}

/**
 * UDP sockets for QUIC on Deno.
 *
 * Deno has no way to close such a socket: `close` ends what is on it, and the port is free once the endpoint was collected
 * as garbage. So endpoints are used again while they are still there: all dials share one, and a listener takes the one
 * that an earlier listener of the same address has left.
 *
 * @module
 */

/** Endpoints whose listeners are closed, by their address. */
const left = new Map<string, WeakRef<Deno.QuicEndpoint>>();

/** Listeners of an endpoint. One that is collected switches its endpoint off, even if another one has followed. */
const listeners = new WeakMap<Deno.QuicEndpoint, Deno.QuicListener[]>();

/** An endpoint bound to an address, with port 0 to a free one. Throws what the runtime says. */
export function takeEndpoint(hostname: string, port: number): Deno.QuicEndpoint {
  for (const [key, reference] of left) {
    const endpoint = reference.deref();
    if (endpoint === undefined) left.delete(key);
    else if (key === keyOf(hostname, port) || (port === 0 && key.startsWith(`${hostname} `))) {
      left.delete(key);
      return endpoint;
    }
  }
  return new Deno.QuicEndpoint({ hostname, port });
}

/** Listens on an endpoint. Throws what the runtime says. */
export function listenOn(endpoint: Deno.QuicEndpoint, options: Deno.QuicListenOptions): Deno.QuicListener {
  const listener = endpoint.listen(options);
  const all = listeners.get(endpoint) ?? [];
  all.push(listener);
  listeners.set(endpoint, all);
  return listener;
}

/** Gives an endpoint up on which nothing is left; `hostname` is the one it was taken for. */
export function leaveEndpoint(endpoint: Deno.QuicEndpoint, hostname: string): void {
  left.set(keyOf(hostname, endpoint.addr.port), new WeakRef(endpoint));
}

function keyOf(hostname: string, port: number): string {
  return `${hostname} ${port}`;
}

let shared: SharedEndpoint | undefined;

/** The endpoint of all dials. */
export class SharedEndpoint {
  /** The endpoint. */
  readonly endpoint: Deno.QuicEndpoint;
  #users = 0;
  #strays = 0;

  private constructor() {
    this.endpoint = bindAny();
  }

  /** The one that dials use now; whoever asks must `release` it, once. */
  static acquire(): SharedEndpoint {
    shared ??= new SharedEndpoint();
    shared.#users++;
    return shared;
  }

  /**
   * The user is done. `stray`: it left a dial behind, which Deno cannot end but with its endpoint.
   */
  release(stray = false): void {
    this.#users--;
    if (stray) this.#strays++;
    if (this.#users > 0 || this.#strays === 0) return;
    if (shared === this) shared = undefined;
    this.endpoint.close();
  }
}

// Where the machine has no IPv6, `::` cannot be bound.
function bindAny(): Deno.QuicEndpoint {
  try {
    return new Deno.QuicEndpoint({ hostname: "::", port: 0 });
  } catch {
    return new Deno.QuicEndpoint({ hostname: "0.0.0.0", port: 0 });
  }
}

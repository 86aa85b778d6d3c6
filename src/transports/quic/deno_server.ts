/**
 * Listening for QUIC on Deno.
 *
 * @module
 */

import { leaveEndpoint, listenOn, SharedEndpoint, takeEndpoint } from "./deno_endpoints.ts";

/** A listener, and the connections that it brought. While any of these live, who comes too late is told so. */
export class DenoServer {
  readonly #endpoint: Deno.QuicEndpoint;
  readonly #listener: Deno.QuicListener;
  readonly #hostname: string;
  readonly #connections = new Set<Deno.QuicConn>();
  #closed = false;
  #accepting = true;

  /** Binds and listens. Throws what the runtime says. */
  constructor(hostname: string, port: number, options: Deno.QuicListenOptions) {
    this.#hostname = hostname;
    this.#endpoint = takeEndpoint(hostname, port);
    this.#listener = listenOn(this.#endpoint, options);
  }

  /** Where it listens. */
  get address(): Deno.NetAddr {
    return this.#endpoint.addr;
  }

  /** Gives every connection to `admit`, unless there is no room; its handshake is still under way. */
  async accept(hasRoom: () => boolean, admit: (conn: Deno.QuicConn) => void): Promise<void> {
    while (!this.#isDone) {
      try {
        // Reading any property of what comes in uses it up: it could not be accepted any more.
        const incoming = await this.#listener.incoming();
        if (this.#closed || !hasRoom()) incoming.refuse();
        // Without waiting for the handshake, because only so it can be given up.
        else this.#keep(incoming.accept({ zeroRtt: true }), admit);
      } catch {
        // A peer that was gone already, or has no application protocol of ours.
      }
    }
    this.#accepting = false;
    this.#listener.stop();
    leaveEndpoint(this.#endpoint, this.#hostname);
  }

  /** Shows another certificate to whoever comes from now on. Throws what the runtime says. */
  renew(options: Deno.QuicListenOptions): void {
    if (!this.#closed) listenOn(this.#endpoint, options);
  }

  /** Takes nobody any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#isDone) void this.#wake();
  }

  get #isDone(): boolean {
    return this.#closed && this.#connections.size === 0;
  }

  #keep(conn: Deno.QuicConn, admit: (conn: Deno.QuicConn) => void): void {
    this.#connections.add(conn);
    const gone = () => {
      this.#connections.delete(conn);
      if (this.#isDone) void this.#wake();
    };
    conn.closed.then(gone, gone);
    admit(conn);
  }

  // Deno cannot stop waiting for who comes in, which would keep the program running for ever. So we come in ourselves,
  // and are refused.
  async #wake(): Promise<void> {
    const { hostname, port } = this.address;
    const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[hostname] ?? hostname;
    const shared = SharedEndpoint.acquire();
    try {
      await Deno.connectQuic({
        hostname: host,
        port,
        endpoint: shared.endpoint,
        alpnProtocols: ["hawser"],
        maxIdleTimeout: 1_000,
      });
    } catch {
      // That was the purpose.
    }
    shared.release();
    if (this.#accepting) this.#endpoint.close();
  }
}

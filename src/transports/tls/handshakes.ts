/**
 * Handshakes of a TLS listener that are under way: who comes in, who is refused, and who takes too long.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { HawserError } from "../../errors.ts";
import { TLS_ALERT_MS_MAX, TLS_HANDSHAKE_MS_MAX, TLS_HANDSHAKES_MAX } from "../../limits.ts";
import type { TlsOptions } from "../../tls_options.ts";
import { formatAddress } from "../address.ts";
import { judgePeer, tlsError, tlsFailure } from "./refusal.ts";

/** How many may be under way at once, and for how long each. */
export interface HandshakeBounds {
  readonly max: number;
  readonly msMax: number;
}

const BOUNDS: HandshakeBounds = { max: TLS_HANDSHAKES_MAX, msMax: TLS_HANDSHAKE_MS_MAX };

/**
 * Handshakes under way, bounded in number and time. No runtime ends them all: a client that falls silent, or ends its
 * half of the socket, would hold it for ever.
 */
export class Handshakes {
  readonly #tls: TlsOptions;
  readonly #scheme: string;
  readonly #bounds: HandshakeBounds;
  readonly #timers = new Map<Socket, ReturnType<typeof setTimeout>>();
  // Who has not been refused yet. A socket that is gone forgets its address, and a refusal may come after that.
  readonly #remotes = new WeakMap<Socket, string>();

  constructor(tls: TlsOptions, scheme: string, bounds: HandshakeBounds = BOUNDS) {
    this.#tls = tls;
    this.#scheme = scheme;
    this.#bounds = bounds;
  }

  /** Somebody connected. */
  begin(socket: Socket): void {
    const { remoteAddress: host, remotePort: port } = socket;
    const remote = formatAddress({ scheme: this.#scheme, host, port });
    const { max, msMax } = this.#bounds;
    this.#remotes.set(socket, remote);
    if (this.#timers.size >= max) {
      const message = `${remote} was turned away: ${max} handshakes are under way`;
      return this.#refuse(socket, () => new HawserError("limit", message));
    }
    this.#allow(socket, msMax);
    socket.once("close", () => this.#forget(socket));
  }

  /** The runtime gave a handshake up because of `cause`. */
  fail(cause: Error & { code?: string }, socket: TLSSocket): void {
    const code = socket.authorizationError as unknown as string | null ?? cause.code;
    const beginning = beginningOf(socket);
    this.#report(beginning, (doing) => {
      return tlsFailure(code === "ECONNRESET" ? HUNG_UP : { code, message: cause.message }, doing);
    });
    // The alert that tells the client why is still on its way; only then does the runtime end the socket, if it does.
    if (this.#timers.has(beginning)) this.#allow(beginning, TLS_ALERT_MS_MAX);
  }

  /** A handshake is done: whether the client may come in. */
  succeed(socket: TLSSocket): boolean {
    const beginning = beginningOf(socket);
    this.#forget(beginning);
    if (socket.remoteAddress === undefined) { // Gone already.
      socket.destroy();
      return false;
    }
    const refusal = judgePeer(socket, this.#tls);
    if (refusal === undefined) return true;
    socket.on("error", () => {}); // Whatever else it has to say.
    socket.destroy();
    this.#refuse(beginning, (doing) => tlsError(refusal, doing));
    return false;
  }

  /** Ends all of them, and nobody is told. */
  abort(): void {
    for (const socket of [...this.#timers.keys()]) {
      this.#remotes.delete(socket);
      this.#forget(socket);
      socket.destroy();
    }
  }

  #allow(socket: Socket, ms: number): void {
    this.#forget(socket);
    const giveUp = () => this.#refuse(socket, (doing) => tlsError("handshake", doing));
    this.#timers.set(socket, setTimeout(giveUp, ms));
  }

  #refuse(socket: Socket, errorOf: (doing: string) => HawserError): void {
    this.#forget(socket);
    socket.destroy();
    this.#report(socket, errorOf);
  }

  // Once for each client.
  #report(socket: Socket, errorOf: (doing: string) => HawserError): void {
    const remote = this.#remotes.get(socket);
    if (remote === undefined) return;
    this.#remotes.delete(socket);
    this.#tls.onRefusal?.(errorOf(`${remote} was refused`), remote);
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#timers.get(socket));
    this.#timers.delete(socket);
  }
}

/** The client gave up: it may have found the listener's certificate wanting, and need not say so. */
const HUNG_UP = { code: "ERR_TLS_HUNG_UP", message: "the client hung up amid the handshake" };

// The socket that came with `connection`: Node and Deno wrap it, Bun hands over the same.
function beginningOf(socket: TLSSocket & { readonly _parent?: Socket }): Socket {
  return socket._parent ?? socket;
}

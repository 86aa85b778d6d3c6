/**
 * What stands between a listener's new connections and its user: a connection becomes a link with its first stream.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { QUIC_HANDSHAKES_MAX } from "../../quic_limits.ts";
import type { ListenHandler, TransportOptions } from "../../link.ts";
import { CLOSE_CODES, type QuicConnection, type QuicHandler } from "./connection.ts";
import { quicError } from "./failure.ts";
import { QuicLink } from "./quic_link.ts";

/** Connections that are not links yet, bounded in number and time. */
export class QuicDoor {
  readonly #handler: ListenHandler;
  readonly #onRefusal: ((error: HawserError, remoteAddress: string) => void) | undefined;
  readonly #msMax: number;
  readonly #waiting = new Map<QuicConnection, ReturnType<typeof setTimeout>>();
  #open = true;

  /** `msMax`: how long a connection may take to become a link. */
  constructor(handler: ListenHandler, options: TransportOptions, msMax: number) {
    this.#handler = handler;
    this.#onRefusal = options.tls?.onRefusal;
    this.#msMax = msMax;
  }

  /** Whether one more may come in. */
  get hasRoom(): boolean {
    return this.#open && this.#waiting.size < QUIC_HANDSHAKES_MAX;
  }

  /** Somebody connects; the handshake may still be under way. */
  admit(connection: QuicConnection): void {
    if (!this.hasRoom) return connection.close(CLOSE_CODES.refused);
    const timer = setTimeout(() => {
      const message = `${connection.remoteAddress} was turned away: it opened no stream in ${this.#msMax} ms`;
      this.#refuse(connection, new HawserError("timeout", message));
      connection.close(CLOSE_CODES.refused);
    }, this.#msMax);
    this.#waiting.set(connection, timer);
    connection.handler = this.#handlerOf(connection);
  }

  /** Admits nobody any more, and turns away those who are no links yet. */
  close(): void {
    this.#open = false;
    for (const connection of [...this.#waiting.keys()]) {
      this.#forget(connection);
      connection.close(CLOSE_CODES.refused);
    }
  }

  #handlerOf(connection: QuicConnection): QuicHandler {
    return {
      onStream: (stream) => {
        if (!this.#forget(connection)) return stream.reset();
        this.#handler.onLink(new QuicLink(connection, stream, false));
      },
      onDatagram() {},
      onClose: (cause) => {
        this.#refuse(connection, quicError(cause, `${connection.remoteAddress} did not become a link`));
      },
    };
  }

  #refuse(connection: QuicConnection, error: HawserError): void {
    if (this.#forget(connection)) this.#onRefusal?.(error, connection.remoteAddress);
  }

  #forget(connection: QuicConnection): boolean {
    clearTimeout(this.#waiting.get(connection));
    return this.#waiting.delete(connection);
  }
}

/**
 * Dials QUIC, within a time.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Link, TransportOptions } from "../../link.ts";
import { CLOSE_CODES, type QuicConnection } from "./connection.ts";
import { quicError } from "./failure.ts";
import { QuicLink } from "./quic_link.ts";
import { dialSettings, type QuicDialSettings } from "./settings.ts";

/** Opens connections, whose handshake is complete. Gives up as soon as `signal` aborts, with its reason. */
export interface QuicDialler {
  /** Rejects with what the runtime said, or a `QuicFailure`. */
  dial(address: Address, settings: QuicDialSettings, signal: AbortSignal): Promise<QuicConnection>;
}

/** Opens a link; see `Transport.dial`. */
export async function dialQuic(
  runtime: QuicDialler,
  address: Address,
  options: TransportOptions & { readonly signal?: AbortSignal },
): Promise<Link> {
  const settings = dialSettings(address, options);
  const doing = `cannot dial ${address.href}`;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const advice = `no answer within ${settings.handshakeMsMax} ms; check the address and the network`;
    controller.abort(new HawserError("timeout", `${doing}: ${advice}`));
  }, settings.handshakeMsMax);
  const onAbort = () => controller.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  let connection: QuicConnection | undefined;
  try {
    connection = await runtime.dial(address, settings, controller.signal);
    const stream = await connection.openStream();
    controller.signal.throwIfAborted();
    return new QuicLink(connection, stream, true);
  } catch (cause) {
    connection?.close(CLOSE_CODES.aborted);
    options.signal?.throwIfAborted();
    throw quicError(controller.signal.aborted ? controller.signal.reason : cause, doing);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Listens for QUIC, and makes links of who comes.
 *
 * @module
 */

import type { Address, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { QuicDoor } from "./door.ts";
import { quicError } from "./failure.ts";
import type { QuicRuntime } from "./mod.ts";
import { listenSettings } from "./settings.ts";

/** Listens; see `Transport.listen`. */
export async function listenQuic(
  runtime: QuicRuntime,
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
): Promise<Listening> {
  const settings = listenSettings(options);
  const door = new QuicDoor(handler, options, settings.handshakeMsMax);
  try {
    const { url, close } = await runtime.listen(address, settings, door);
    return {
      url,
      close() {
        door.close();
        return close();
      },
    };
  } catch (cause) {
    throw quicError(cause, `cannot listen on ${address.href}`);
  }
}

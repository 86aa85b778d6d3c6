/**
 * Deno's upgrade of a request to a WebSocket.
 *
 * @module
 */

import { SUBPROTOCOL } from "./upgrade.ts";

/** The socket and the answer that must be returned; `undefined` where the request is no handshake of version 13. */
export function accept(request: Request): Deno.WebSocketUpgrade | undefined {
  try {
    // Silence is for the session to notice, not for pings of the runtime.
    const upgrade = Deno.upgradeWebSocket(request, { protocol: SUBPROTOCOL, idleTimeout: 0 });
    upgrade.socket.binaryType = "arraybuffer";
    return upgrade;
  } catch {
    return undefined;
  }
}

/**
 * The listening side of one transport: a server of Hawser, and the plain runtime's beside it.
 *
 * @module
 */

import { type Identity, listen } from "../../mod.ts";
import { channelOf } from "./channel.ts";
import { controlOf } from "./control/control.ts";
import type { Endpoint } from "./events.ts";
import { serveFarEnd } from "./far_end.ts";

/** An endpoint that is open. */
export interface OpenEndpoint extends Endpoint, AsyncDisposable {}

/**
 * Listens on 127.0.0.1, on free ports, and serves whoever connects.
 * @throws {Error} when one of the two cannot listen; nothing is left open then.
 */
export async function openEndpoint(transport: string, identity: Identity): Promise<OpenEndpoint> {
  const address = transport === "mem" ? "mem://demo" : `${transport}://127.0.0.1:0`;
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await listen([address], { identity }));
  server.onConnection((connection) => serveFarEnd(channelOf(connection)));

  const control = await (await controlOf(transport)).listen(serveFarEnd);
  opened.defer(() => control.close());

  const resources = opened.move();
  return {
    transport,
    url: server.urls[0],
    controlPort: control.port,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

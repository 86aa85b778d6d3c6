/**
 * `webrtc://name?signalling=wss://host/path`: links over WebRTC data channels, from peer to peer, through NATs.
 *
 * Both sides go to the same signalling endpoint (or service of your own, see `Signalling`): who listens takes the name,
 * who dials calls it. `@hawser/hawser/signalling` has an endpoint for Hono, and one that runs by itself. The endpoint is
 * not trusted: the handshake inside proves who the peer is, whoever passed the descriptions on. What it can do is
 * to refuse, and to see who calls whom from which addresses.
 *
 * Options are those of `WebrtcOptions`, and `mtu`. Without any the link is a stream: ordered and reliable, in messages of
 * at most 16 KiB. `ordered: false`, `maxRetransmits` or `maxPacketLifeTime` make it a link of datagrams; the listener
 * takes both kinds.
 *
 * Deno, Bun and Node need the package `node-datachannel`; browsers have their own (`web.ts`), and can listen too.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 * import { serveSignalling } from "@hawser/hawser/signalling";
 *
 * await using endpoint = await serveSignalling("ws://127.0.0.1:0");
 * await using server = await listen(`webrtc://alice?signalling=${endpoint.url}`);
 * await using connection = await connect(server.urls);
 * console.log(connection.traits.kind); // stream
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { nativePeers } from "./native.ts";
import { webrtcTransport } from "./transport.ts";

/** The transport of `webrtc://` on Deno, Bun and Node. */
export const webrtc: Transport = webrtcTransport(() => {
  if (runtime !== "workerd") return nativePeers();
  throw new HawserError("unsupported", "workerd has no WebRTC; it can serve the signalling, and dial ws://");
});

/**
 * Signalling for `webrtc://`: where peers find each other before they have a connection.
 *
 * `serveSignalling` is an endpoint that runs by itself, `signallingEndpoint` one for a Hono of yours, and
 * `webrtcSignalling` the side of the peers, which `webrtc://name?signalling=wss://...` makes for itself.
 *
 * An endpoint is not trusted: what passes through it is judged by Hawser's own handshake inside the connection.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 * import { serveSignalling } from "@hawser/hawser/signalling";
 *
 * await using endpoint = await serveSignalling("ws://127.0.0.1:0");
 * await using server = await listen("webrtc://alice", { webrtc: { signalling: endpoint.url } });
 * await using connection = await connect(server.urls, { webrtc: { signalling: endpoint.url } });
 * console.log(connection.peer.id === server.id); // true
 * ```
 *
 * @module
 */

export type {
  IceServer,
  Signal,
  Signalling,
  SignallingHandler,
  SignallingSeat,
} from "../../../signalling.ts";
export { webrtcSignalling } from "./client.ts";
export { signallingEndpoint, type SignallingOptions } from "./endpoint.ts";
export { serveSignalling, type SignallingServer } from "./serve.ts";

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
 * import { serveSignalling, webrtcSignalling } from "@hawser/hawser/signalling";
 *
 * await using endpoint = await serveSignalling("ws://127.0.0.1:0");
 * // What webrtc:// does by itself, by hand: alice hears who calls her, bob calls.
 * const said = Promise.withResolvers<string>();
 * const alice = await webrtcSignalling(endpoint.url).join("alice", {
 *   onSignal: (from, signal) => said.resolve(`${from}: ${signal.type}`),
 *   onClose: (error) => said.reject(error),
 * });
 * const bob = await webrtcSignalling(endpoint.url).join("bob", { onSignal() {}, onClose() {} });
 * bob.send("alice", { type: "offer", sdp: "v=0" });
 * console.log(await said.promise); // bob: offer
 * await Promise.all([alice.close(), bob.close()]);
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

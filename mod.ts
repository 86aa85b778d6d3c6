/**
 * One connection over every network.
 *
 * A program says where to connect, over any transport of its runtime, and gets
 * an encrypted, authenticated, ordered conversation.
 *
 * @example
 * ```ts
 * import { connect, createIdentity, listen } from "@hawser/hawser";
 *
 * await using server = await listen(["tcp://127.0.0.1:0"], { identity: createIdentity() });
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using connection = await connect(server.urls);
 * connection.send(new TextEncoder().encode("ahoy"));
 * console.log(new TextDecoder().decode(await connection.receive())); // ahoy
 * ```
 *
 * @module
 */

export {
  connect,
  type PortLike,
  type PortRegistration,
  registerPort,
  registerTransport,
} from "./src/connection/connect.ts";
export { listen } from "./src/connection/listen.ts";
export { shutdownOnSignals, type SignalOptions, type SignalShutdown } from "./src/connection/signals.ts";
export { PRESETS } from "./src/connection/presets.ts";
export { knownPeersFile } from "./src/connection/known_peers_file.ts";
export { loadIdentity, saveIdentity } from "./src/connection/identity_file.ts";
export { MESSAGE_LIMITS } from "./src/message_limits.ts";
export { SESSION_LIMITS } from "./src/limits.ts";
export * from "./src/connection/face.ts";
export * from "./src/connection/listening_face.ts";

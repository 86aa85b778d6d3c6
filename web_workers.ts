/**
 * Hawser for web pages with workers: all of `@hawser/hawser/web`, and `port://` and `shm://` between a page and its
 * dedicated workers, where each side can listen and dial.
 *
 * `shm://` needs a page that is cross-origin isolated, because browsers share memory nowhere else: page and worker are
 * served with `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
 *
 * A worker that was terminated, or has closed itself, is noticed within milliseconds: its connections end with `io`, and
 * dials are refused. That needs Web Locks, which pages have that came over https or from this machine; elsewhere
 * the keepalive finds out, and a dial waits for `connectMsMax`.
 *
 * @example The worker listens, the page dials
 * ```ts ignore
 * // worker.js
 * import { listen, registerPort } from "@hawser/hawser/web/workers";
 *
 * registerPort("page", self);
 * const server = await listen(["port://page", "shm://page"]);
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 * postMessage({ id: server.id });
 *
 * // The page
 * import { connect, registerPort } from "@hawser/hawser/web/workers";
 *
 * const worker = new Worker("worker.js", { type: "module" });
 * const id = await new Promise((resolve) => {
 *   worker.addEventListener("message", ({ data }) => data.id !== undefined && resolve(data.id));
 * });
 * registerPort("worker", worker);
 * const connection = await connect(["shm://worker", "port://worker"], { expect: id });
 * ```
 *
 * @module
 */

export {
  connect,
  listen,
  type PortLike,
  type PortRegistration,
  registerPort,
  registerTransport,
} from "./src/connection/web_workers.ts";
export * from "./src/connection/face.ts";
export * from "./src/connection/listening_face.ts";

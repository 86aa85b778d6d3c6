/**
 * Hawser for web pages: `connect` over WebSockets and WebTransport, without a part that only servers need.
 *
 * Import it through a bundler, or take the one file that `deno task build:web` makes.
 *
 * @example
 * ```ts
 * import { listen } from "@hawser/hawser";
 * import { connect } from "@hawser/hawser/web";
 *
 * await using server = await listen("ws://127.0.0.1:0", { origins: ["https://example.com"] });
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using connection = await connect(server.urls); // In a page: the URL that the server has told it.
 * connection.send(new TextEncoder().encode("ahoy"));
 * console.log(new TextDecoder().decode(await connection.receive())); // ahoy
 * ```
 *
 * @module
 */

export { connect, registerTransport } from "./src/connection/web.ts";
export * from "./src/connection/face.ts";

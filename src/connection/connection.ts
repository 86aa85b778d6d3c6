/**
 * What the user holds: a session, the link it has, and the promises around them.
 *
 * @module
 */

import { StreamConnection } from "./stream_connection.ts";

export type { BaseConnection, CloseOptions, ConnectionParts, ConnectionStats } from "./base_connection.ts";
export type { RawConnection } from "./raw_connection.ts";
export type { Stream } from "./stream.ts";
export type { OpenStreamOptions, StreamConnection } from "./stream_connection.ts";
export type {
  CloseInfo,
  DirectionStats,
  FlowStats,
  Peer,
  SendOptions,
  SessionStats,
  StreamOptions,
  Version,
} from "../session/mod.ts";

/**
 * One encrypted, authenticated conversation.
 *
 * Messages that arrive wait, up to the window, until they are taken: by a
 * handler (`onMessage`), by `receive`, or by `for await`. Use one of them.
 *
 * A small message is a view of a buffer that it shares with others: copy it before you transfer it, or keep it for long.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen(["mem://connection-example"]);
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using connection = await connect([server.urls[0]]);
 * connection.send(new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(await connection.receive())); // hello
 * ```
 */
export class Connection extends StreamConnection {}

/**
 * What the user holds: a session, the link it has, and the promises around them.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Interests } from "../message/interests.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import type { Block } from "../message/blocks/block.ts";
import { type BlockHandler, type BlockSendOptions, noBlocks } from "./block_part.ts";
import type { ConnectionParts } from "./base_connection.ts";
import type { EventParts, PublishOptions, TopicEvent } from "./events.ts";
import type { Parcel } from "./fanout.ts";
import { MessageConnection } from "./message_connection.ts";
import type { ServerTopics } from "./server_topics.ts";
import type { EventHandler, Subscription } from "./subscription.ts";
import type { WaitOptions } from "./waiters.ts";

export type { BaseConnection, CloseOptions, ConnectionParts, ConnectionStats } from "./base_connection.ts";
export type { FrameConnection } from "./frame_connection.ts";
export type { RawConnection } from "./raw_connection.ts";
export type { Stream } from "./stream.ts";
export type { OpenStreamOptions, StreamConnection } from "./stream_connection.ts";
export type { MessageConnection } from "./message_connection.ts";
export { ReplyError } from "../message/reply_error.ts";
export type { MessageHeaders } from "../message/envelope.ts";
export type { Format } from "../message/formats.ts";
export type { RequestHandler } from "./answers.ts";
export type { Replies } from "./replies.ts";
export type { RequestOptions } from "./requests.ts";
export type { EventInfo, PublishOptions, TopicEvent } from "./events.ts";
export type { EventHandler, Subscription } from "./subscription.ts";
export type { SlowOptions, SlowPolicy } from "../message/slow_queue.ts";
export type { RequestContext } from "./served_request.ts";
export type { ReceivedValue, ValueHandler, ValueInfo, ValueOptions } from "./values.ts";
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
export class Connection extends MessageConnection {
  readonly #topics: ServerTopics<Connection> | undefined;

  /** @ignore Connections come from `connect` and `listen`. */
  constructor(parts: ConnectionParts<Connection>) {
    super(parts);
    this.#topics = parts.topics;
  }

  /**
   * Publishes an event to the peer, if it subscribed to the subject, or has not said yet what it wants. Events of one
   * priority stay in order among themselves. Returns `false` above the high-water mark, as `send` does.
   *
   * A subject is a row of tokens between dots: `room.7.chat`.
   *
   * @throws {TypeError} for what is no subject. {HawserError} as `send`; `serialization` if the value cannot be encoded,
   * `unsupported` if a side does not know the format.
   */
  publish(subject: string, value: unknown, options?: PublishOptions): boolean {
    if (this.info !== undefined) throw this.closedError(this.info);
    return this.messages.events.publish(subject, value, options);
  }

  /**
   * Subscribes to what the peer publishes. In a pattern `*` stands for any one token, and `>`, at the end, for one or more.
   * Take the events with `for await`, or give a handler, which gets one after the other.
   *
   * By default a slow subscriber holds its peer back, and nothing is lost; `onSlow` says what else may happen.
   *
   * @throws {TypeError} for what is no pattern or no policy. {HawserError} `limit` for too many patterns; `closed`.
   *
   * @example
   * ```ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * await using server = await listen("mem://subscribe-example");
   * server.relay("room.>");
   *
   * await using listener = await connect(server.urls);
   * const chat = listener.subscribe("room.*.chat", { onSlow: "drop-oldest", queueMax: 100 });
   * await listener.echo("the server knows of it now");
   *
   * await using speaker = await connect(server.urls);
   * speaker.publish("room.7.chat", { text: "hello" });
   * for await (const { subject, value } of chat) {
   *   console.log(subject, value); // room.7.chat { text: "hello" }
   *   break;
   * }
   * ```
   */
  subscribe(pattern: string, options?: SlowOptions): Subscription<TopicEvent>;
  /** The same, with a handler. */
  subscribe(
    pattern: string,
    handler: EventHandler<TopicEvent>,
    options?: SlowOptions,
  ): Subscription<TopicEvent>;
  subscribe(
    pattern: string,
    first: EventHandler<TopicEvent> | SlowOptions = {},
    second: SlowOptions = {},
  ): Subscription<TopicEvent> {
    if (this.info !== undefined) throw this.closedError(this.info);
    const [handler, options] = typeof first === "function" ? [first, second] : [undefined, first];
    return this.messages.events.subscribe(pattern, options, handler);
  }

  /**
   * Sends a block (`@hawser/hawser/blocks`), and resolves when there is room for the next; with `ack` when the peer's
   * application has taken it.
   *
   * @throws {HawserError} `unsupported` if this side or the peer carries no blocks; `packet-too-large` above the peer's
   * `messageBytesMax`; `serialization` if it is none; `closed`; with `ack` also what kept the peer from taking it.
   */
  sendBlock(block: Block, options: BlockSendOptions = {}): Promise<void> {
    return this.messages.blocks?.send(block, options) ?? Promise.reject(noBlocks());
  }

  /**
   * The next block. Whether it is signed and follows another is for `checkBlock` and `checkChain`.
   * @throws {HawserError} `serialization` for bytes that are no block; `closed`; `timeout` with `timeoutMs`.
   */
  receiveBlock(options?: WaitOptions): Promise<Block> {
    return this.messages.blocks?.receive(options) ?? Promise.reject(noBlocks());
  }

  /** Calls `handler` with each block, and first with those that wait; `undefined` takes it away. */
  onBlock(handler: BlockHandler | undefined): void {
    if (this.messages.blocks === undefined) throw noBlocks();
    this.messages.blocks.onBlock(handler);
  }

  /** @ignore How many patterns the peer subscribed to. */
  get interestCount(): number {
    return this.madeMessages?.events.topics.interestCount ?? 0;
  }

  /** @ignore Sends what is sent to many: for servers. */
  sendParcel({ bytes, options, format }: Parcel): boolean {
    const { formats } = this.messageConfig;
    if (format !== undefined && !formats.isKnownTo(format, this.peer.capabilities)) {
      throw new HawserError("unsupported", "the peer does not know the format of the value");
    }
    const hasRoom = this.pump.session.send(bytes, options);
    this.pump.wake();
    return hasRoom;
  }

  /** @ignore It was too slow: for servers. */
  disconnectSlow(): void {
    void this.abort("the peer took too slowly what was published");
  }

  /** @ignore Asks for events for the sake of others: for servers. */
  wantEvents(pattern: string): void {
    this.messages.events.want(pattern);
  }

  /** @ignore Takes that back: for servers. */
  unwantEvents(pattern: string): void {
    this.messages.events.topics.unwant(pattern);
  }

  /** @ignore */
  protected override eventParts(): EventParts {
    const topics = this.#topics;
    if (topics === undefined) return { book: { interests: new Interests<Connection>(), peer: this } };
    return {
      book: { interests: topics.interests, peer: this },
      relay: (envelope, hold) => topics.handleEvent(this, envelope, hold),
    };
  }
}

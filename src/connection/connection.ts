/**
 * What the user holds: a session, the link it has, and the promises around them.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Interests } from "../message/interests.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import type { CloseInfo, SendOptions, SessionSnapshot } from "../session/mod.ts";
import type { Block } from "../message/blocks/block.ts";
import type { RequestHandler } from "./answers.ts";
import { type BlockHandler, type BlockSendOptions, noBlocks } from "./block_part.ts";
import type { ConnectionParts } from "./base_connection.ts";
import type { EventParts, PublishOptions, TopicEvent } from "./events.ts";
import type { Parcel } from "./fanout.ts";
import { MESSAGE_DEFAULTS, type MessageConfig, MessageParts } from "./message_parts.ts";
import type { Replies } from "./replies.ts";
import type { RequestOptions } from "./requests.ts";
import type { ServerTopics } from "./server_topics.ts";
import { StreamConnection } from "./stream_connection.ts";
import type { EventHandler, Subscription } from "./subscription.ts";
import type { WaitOptions } from "./waiters.ts";
import { isOfValues, type ReceivedValue, type ValueHandler, type ValueOptions } from "./values.ts";

export type { BaseConnection, CloseOptions, ConnectionParts, ConnectionStats } from "./base_connection.ts";
export type { FrameConnection } from "./frame_connection.ts";
export type { RawConnection } from "./raw_connection.ts";
export type { Stream } from "./stream.ts";
export type { OpenStreamOptions, StreamConnection } from "./stream_connection.ts";
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
export class Connection extends StreamConnection {
  readonly #messageConfig: MessageConfig;
  // Most connections that do nothing never need it.
  #messages: MessageParts | undefined;
  #onError: ((error: unknown) => void) | undefined;
  #onClose: ((info: CloseInfo) => void) | undefined;
  readonly #topics: ServerTopics<Connection> | undefined;

  /** @ignore Connections come from `connect` and `listen`. */
  constructor(parts: ConnectionParts<Connection>) {
    super(parts);
    this.#messageConfig = parts.messages ?? MESSAGE_DEFAULTS;
    this.#topics = parts.topics;
  }

  /**
   * Sends bytes, which are a message for `receive` and `onMessage` of the peer; or with options of values, or anything but
   * bytes, a value for its `onValue`, `values` or `on`.
   *
   * Returns `false` when the queue is above its high-water mark: the message is accepted all the same, but
   * `await drained()` before the next. With `ack` it returns a promise instead, which resolves when the peer's application
   * took the value.
   *
   * @throws {HawserError} `closed`; `packet-too-large` for a message over what the peer takes, or over one packet
   * with `fragment: false`; `backpressure` when `sendQueueBytesMax` is reached; `serialization` for a value that its
   * format does not know. Nothing is sent then.
   *
   * @example
   * ```ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * await using server = await listen("mem://send-example");
   * server.onConnection((connection) => connection.on("greeting", (value) => console.log(value))); // { hello: "you" }
   *
   * await using connection = await connect(server.urls);
   * await connection.send({ hello: "you" }, { type: "greeting", ack: true });
   * ```
   */
  override send(message: Uint8Array, options?: SendOptions & { readonly ack?: false }): boolean;
  /** A value, and a promise that resolves when the peer's application took it. */
  override send(value: unknown, options: ValueOptions & { readonly ack: true }): Promise<void>;
  /** A value. */
  override send(value: unknown, options?: ValueOptions): boolean;
  override send(value: unknown, options?: ValueOptions): boolean | Promise<void> {
    const isRaw = value instanceof Uint8Array && (options === undefined || !isOfValues(options));
    return isRaw
      ? super.send(value, options)
      : this.messages.values.send(value, options) as boolean | Promise<void>;
  }

  /**
   * Calls `handler` with each value that has no handler of its type (`on`); those that waited come first. The next is
   * called when it has returned, even if its promise is pending. `undefined` takes it away, and values wait again.
   */
  onValue(handler: ValueHandler | undefined): void {
    this.messages.values.onValue(handler);
  }

  /**
   * Calls `handler` with values of one type, in place of the handler before; `undefined` takes that away. A value of a type
   * that nothing handles is told to its sender as the error `not-found`.
   */
  on(type: string, handler: ValueHandler | undefined): void {
    this.messages.values.on(type, handler);
  }

  /** The values that no handler takes, until the end. Throws what ended the connection, if that was a failure. */
  values(): AsyncIterableIterator<ReceivedValue, void, void> {
    return this.messages.values.values(() => this.failure());
  }

  /**
   * Asks the peer, whose handler of that name answers, and resolves with its answer. Many requests may be in flight, and
   * are answered in any order.
   *
   * @throws {HawserError} `timeout` after `deadlineMs`; `remote` if the handler threw a `ReplyError` or anything else;
   * `not-found` if the peer has no such handler; `limit` if too many requests are in flight here or there; `closed`.
   *
   * @example
   * ```ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * await using server = await listen("mem://request-example");
   * server.onConnection((connection) => connection.handle("sum", (numbers) => {
   *   return (numbers as number[]).reduce((sum, number) => sum + number, 0);
   * }));
   *
   * await using connection = await connect(server.urls);
   * console.log(await connection.request("sum", [1, 2, 3], { deadlineMs: 5_000 })); // 6
   * ```
   */
  request(name: string, value?: unknown, options?: RequestOptions): Promise<unknown> {
    return this.messages.requests.request(name, value, options);
  }

  /**
   * Asks the peer for several replies, which come no faster than they are taken. What goes wrong is thrown where they are
   * taken; leaving the loop tells the peer's handler to stop.
   *
   * @example
   * ```ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * await using server = await listen("mem://request-many-example");
   * server.onConnection((connection) => connection.handle("count", async function* (to) {
   *   for (let number = 1; number <= (to as number); number++) yield number;
   * }));
   *
   * await using connection = await connect(server.urls);
   * for await (const number of connection.requestMany("count", 3)) console.log(number); // 1, 2, 3
   * ```
   */
  requestMany(name: string, value?: unknown, options?: RequestOptions): Replies {
    return this.messages.requests.requestMany(name, value, options);
  }

  /**
   * Answers requests of that name from now on, in place of the handler before; `undefined` takes the handler away. Requests
   * that come before a connection has any handler wait for a moment.
   */
  handle(name: string, handler: RequestHandler | undefined): void {
    this.messages.answers.handle(name, handler);
  }

  /** Sends a value to the peer and back, and resolves with what came back: no handler is asked. */
  echo(value: unknown, options?: RequestOptions): Promise<unknown> {
    return this.messages.requests.echo(value, options);
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

  /**
   * Tells the peer that this connection will end soon: it gets the error `closed`, which says `retryable`, for requests that
   * it makes from now on. What is under way goes on.
   */
  goodbye(reason = ""): void {
    this.messages.answers.goodbye(reason);
  }

  /** Calls `handler` with the reason when the peer says that it will end the connection soon. */
  onGoodbye(handler: ((reason: string) => void) | undefined): void {
    this.messages.requests.onGoodbye = handler;
  }

  /** Calls `handler` when the connection has ended; at once if it has. `closed` is the same as a promise. */
  onClose(handler: ((info: CloseInfo) => void) | undefined): void {
    this.#onClose = handler;
    const { info } = this;
    if (info !== undefined && handler !== undefined) queueMicrotask(() => handler(info));
  }

  /** Calls `handler` with errors that nobody waits for: what a handler threw that the peer does not learn. */
  onError(handler: ((error: unknown) => void) | undefined): void {
    this.#onError = handler;
  }

  /** @ignore Whether anything is in flight: requests, streams, what is queued. */
  get isBusy(): boolean {
    const { session } = this.pump;
    const inFlight = (this.#messages?.inFlight ?? 0) + (session.streams.table?.size ?? 0);
    return !this.isClosed && (inFlight > 0 || session.queuedBytes > 0);
  }

  /** @ignore What serves typed messages. */
  get messages(): MessageParts {
    if (this.#messages === undefined) {
      const end = this.info === undefined ? undefined : this.closedError(this.info);
      this.#messages = new MessageParts(this, this.pump, this.#messageConfig, this.#eventParts(), end);
    }
    return this.#messages;
  }

  /** @ignore How many patterns the peer subscribed to. */
  get interestCount(): number {
    return this.#messages?.events.topics.interestCount ?? 0;
  }

  /** @ignore Sends what is sent to many: for servers. */
  sendParcel({ bytes, options, format }: Parcel): boolean {
    const { formats } = this.#messageConfig;
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

  /** @ignore An error that nobody waits for. */
  handleFailure(error: unknown): void {
    const handler = this.#onError;
    // What it throws is the application's, and not of the message that is being handled.
    if (handler !== undefined) queueMicrotask(() => handler(error));
  }

  /** @ignore */
  override freeze(): SessionSnapshot | undefined {
    return this.#messages?.messenger.isIdle === false ? undefined : super.freeze();
  }

  /** @ignore */
  protected override handleMessages(): void {
    super.handleMessages();
    const typed = this.pump.session.takeTyped();
    if (typed !== undefined) this.messages.messenger.handleMessages(typed);
  }

  /** @ignore */
  protected override handleEnd(error: HawserError): void {
    super.handleEnd(error);
    this.#messages?.messenger.handleEnd(error);
    if (this.#onClose !== undefined) this.onClose(this.#onClose);
  }

  #eventParts(): EventParts {
    const topics = this.#topics;
    if (topics === undefined) return { book: { interests: new Interests<Connection>(), peer: this } };
    return {
      book: { interests: topics.interests, peer: this },
      relay: (envelope, hold) => topics.handleEvent(this, envelope, hold),
    };
  }
}

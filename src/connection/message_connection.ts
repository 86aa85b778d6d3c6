/**
 * Values, requests and replies: what is more than bytes.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import type { CloseInfo, SendOptions, SessionSnapshot } from "../session/mod.ts";
import type { RequestHandler } from "./answers.ts";
import type { ConnectionParts } from "./base_connection.ts";
import type { EventParts } from "./events.ts";
import { MESSAGE_DEFAULTS, type MessageConfig, MessageParts } from "./message_parts.ts";
import type { Replies } from "./replies.ts";
import type { RequestOptions } from "./requests.ts";
import { StreamConnection } from "./stream_connection.ts";
import { isOfValues, type ReceivedValue, type ValueHandler, type ValueOptions } from "./values.ts";

/** A connection that sends and receives values, and asks and answers. */
export abstract class MessageConnection extends StreamConnection {
  /** @ignore What typed messages are sent and taken with. */
  protected readonly messageConfig: MessageConfig;
  /** @ignore What serves them; most connections that do nothing never need it. */
  protected madeMessages: MessageParts | undefined;
  #onError: ((error: unknown) => void) | undefined;
  #onClose: ((info: CloseInfo) => void) | undefined;

  /** @ignore */
  constructor(parts: ConnectionParts) {
    super(parts);
    this.messageConfig = parts.messages ?? MESSAGE_DEFAULTS;
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
    const inFlight = (this.madeMessages?.inFlight ?? 0) + (session.streams.table?.size ?? 0);
    return !this.isClosed && (inFlight > 0 || session.queuedBytes > 0);
  }

  /** @ignore What serves typed messages. */
  get messages(): MessageParts {
    if (this.madeMessages === undefined) {
      const end = this.info === undefined ? undefined : this.closedError(this.info);
      this.madeMessages = new MessageParts(this, this.pump, this.messageConfig, this.eventParts(), end);
    }
    return this.madeMessages;
  }

  /** @ignore An error that nobody waits for. */
  handleFailure(error: unknown): void {
    const handler = this.#onError;
    // What it throws is the application's, and not of the message that is being handled.
    if (handler !== undefined) queueMicrotask(() => handler(error));
  }

  /** @ignore */
  override freeze(): SessionSnapshot | undefined {
    return this.madeMessages?.messenger.isIdle === false ? undefined : super.freeze();
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
    this.madeMessages?.messenger.handleEnd(error);
    if (this.#onClose !== undefined) this.onClose(this.#onClose);
  }

  /** @ignore What events of topics are for. */
  protected abstract eventParts(): EventParts;
}

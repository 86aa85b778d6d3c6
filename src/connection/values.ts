/**
 * Values that are sent without waiting for an answer, and who takes those that arrive.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import {
  type Envelope,
  KIND_VALUE,
  type MessageHeaders,
  NO_HEADERS,
  type ReceivedEnvelope,
} from "../message/envelope.ts";
import { failureEnvelope, refusalEnvelope } from "../message/failures.ts";
import { MessageIds } from "../message/message_ids.ts";
import { ReplyError } from "../message/reply_error.ts";
import { HANDLERS_MS_MAX, TTL_MAX } from "../message_limits.ts";
import type { Peer, SendOptions, SessionSendOptions } from "../session/mod.ts";
import { now } from "./clock.ts";
import type { Messenger, MessengerPart } from "./messenger.ts";
import type { Requests } from "./requests.ts";
import { acknowledge, hand, type WaitingMessage } from "./waiting_message.ts";

/** How to send a value: with any of these it goes to `onValue`, `values` or `on` of the peer. */
export interface ValueOptions extends SendOptions {
  /** Its type, which chooses the peer's handler (`on`): at most 255 bytes. */
  readonly type?: string;
  /** Names and texts that accompany it: at most 64, and 8 KiB. */
  readonly headers?: MessageHeaders;
  /** How often it may still be passed on: 0 to 255. Whoever passes it on sees to it. */
  readonly ttl?: number;
  /** An id of the application's own, of at most 128 bytes: of several messages with one id the peer takes the first. */
  readonly id?: string;
  /** The name of its format. Default: bytes and texts as they are, and the connection's for the rest. */
  readonly format?: string;
  /**
   * `send` returns a promise, which resolves when the peer's application took the value: its handler returned, or a loop
   * got it. With `deadlineMs` it rejects after that.
   */
  readonly ack?: boolean;
}

/** What is known of a value beside itself. */
export interface ValueInfo {
  /** Its type, if it has one. */
  readonly type: string | undefined;
  /** Names and texts that came with it; without a prototype. */
  readonly headers: MessageHeaders;
  /** How often it may still be passed on, if it says so. */
  readonly ttl: number | undefined;
  /** The id that its sender gave it. */
  readonly id: string | undefined;
  /** Who sent it. */
  readonly peer: Peer;
}

/** A value, and what is known of it. */
export interface ReceivedValue {
  /** As it was sent. */
  readonly value: unknown;
  /** What is known of it. */
  readonly info: ValueInfo;
}

/** Takes values. What it throws reaches a sender that waits for an acknowledgement as requests do; else only `onError`. */
export type ValueHandler = (value: unknown, info: ValueInfo) => unknown;

/** The values of one connection, in both directions. */
export class Values implements MessengerPart {
  readonly #messenger: Messenger;
  readonly #requests: Requests;
  readonly #types: Map<string, ValueHandler> = new Map();
  #handler: ValueHandler | undefined;
  // Nobody has taken them yet, so they hold up the sender once its window is full.
  readonly #waiting: Fifo<WaitingMessage> = new Fifo();
  readonly #idsMax: number;
  #ids: MessageIds | undefined;
  // Loops that wait for the next value.
  readonly #takers: Fifo<() => void> = new Fifo();
  #isIterated = false;
  // Types without a handler wait so long after the first has got one.
  #waitsUntil: number | undefined;
  #end: HawserError | undefined;

  /** Serves values; acknowledgements come in through `requests`. */
  constructor(messenger: Messenger, requests: Requests, idsMax: number) {
    this.#messenger = messenger;
    this.#idsMax = idsMax;
    this.#requests = requests;
    messenger.add(this);
    messenger.on(KIND_VALUE, (envelope, bytes) => this.#handleValue({ envelope, bytes }));
  }

  /** Sends a value. Returns as `send` of a connection does; with `ack` a promise. */
  send(value: unknown, options: ValueOptions = {}): boolean | Promise<unknown> {
    const { type, headers, ttl, id, format, ack } = options;
    if (ttl !== undefined && !(Number.isInteger(ttl) && ttl >= 0 && ttl <= TTL_MAX)) {
      throw new RangeError(`ttl is a whole number from 0 to ${TTL_MAX}, not ${ttl}`);
    }
    const encoded = this.#messenger.encode(value, format);
    const envelope: Envelope = {
      kind: KIND_VALUE,
      name: type,
      headers,
      ttl,
      key: id,
      isAckWanted: ack,
      format: encoded.format,
      payload: encoded.payload,
    };
    const sessionOptions = sessionOptionsOf(options);
    if (!ack) return this.#messenger.send(envelope, sessionOptions);
    return this.#requests.acknowledged(envelope, sessionOptions);
  }

  /** Hands values without a handler for their type to this one; `undefined` takes it away. */
  onValue(handler: ValueHandler | undefined): void {
    this.#handler = handler;
    this.#handWaiting();
  }

  /** Hands values of a type to this handler, in place of the one before; `undefined` takes that away. */
  on(type: string, handler: ValueHandler | undefined): void {
    if (handler === undefined) return void this.#types.delete(type);
    this.#types.set(type, handler);
    this.#handWaiting();
    if (this.#waitsUntil !== undefined) return;
    this.#waitsUntil = now() + HANDLERS_MS_MAX;
    this.#messenger.arm(this.#waitsUntil);
  }

  /** The values that no handler takes, until the end. Throws what ended the connection, if `failure` says that something did. */
  async *values(failure: () => HawserError | undefined): AsyncGenerator<ReceivedValue, void, void> {
    this.#isIterated = true;
    while (true) {
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) {
        const received = this.#take(waiting);
        if (received !== undefined) yield received;
        continue;
      }
      const error = failure();
      if (error !== undefined) throw error;
      if (this.#end !== undefined) return;
      await new Promise<void>((resolve) => this.#takers.push(resolve));
    }
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  deadline(): number {
    return this.#waiting.length > 0 && !this.#takesAll ? this.#waitsUntil ?? Infinity : Infinity;
  }

  handleTimeout(now: number): void {
    if (this.#waitsUntil === undefined || now < this.#waitsUntil || this.#takesAll) return;
    this.#sift(({ envelope, bytes }) => {
      if (envelope.name === undefined) return false;
      this.#messenger.release(bytes);
      this.#refuse(envelope);
      return true;
    });
  }

  // What waits can still be taken.
  handleEnd(error: HawserError): void {
    this.#end = error;
    for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) taker();
  }

  get #takesAll(): boolean {
    return this.#handler !== undefined || this.#isIterated;
  }

  /** Returns whether the value goes on counting against the window. */
  #handleValue(waiting: WaitingMessage): boolean {
    const { envelope } = waiting;
    const { key, name } = envelope;
    if (key !== undefined && !(this.#ids ??= new MessageIds(this.#idsMax)).add(key)) {
      acknowledge(this.#messenger, envelope);
      return false;
    }
    const handler = this.#handlerOf(name);
    if (handler !== undefined) return this.#hand(waiting, handler);
    if (
      name !== undefined && this.#waitsUntil !== undefined && now() >= this.#waitsUntil && !this.#takesAll
    ) {
      this.#refuse(envelope);
      return false;
    }
    this.#waiting.push(waiting);
    this.#takers.shift()?.();
    this.#messenger.arm(this.deadline());
    return true;
  }

  #handlerOf(type: string | undefined): ValueHandler | undefined {
    return (type === undefined ? undefined : this.#types.get(type)) ?? this.#handler;
  }

  #handWaiting(): void {
    this.#sift((waiting) => {
      const handler = this.#handlerOf(waiting.envelope.name);
      if (handler === undefined) return false;
      if (!this.#hand(waiting, handler)) this.#messenger.release(waiting.bytes);
      return true;
    });
  }

  /** Keeps those for which `isDone` returns `false`, in their order. */
  #sift(isDone: (waiting: WaitingMessage) => boolean): void {
    for (let left = this.#waiting.length; left > 0; left--) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      if (!isDone(waiting)) this.#waiting.push(waiting);
    }
  }

  /** Returns whether the handler goes on with it. */
  #hand(waiting: WaitingMessage, handler: ValueHandler): boolean {
    return hand(
      this.#messenger,
      waiting,
      (envelope) => handler(this.#messenger.decode(envelope), this.#infoOf(envelope)),
      (envelope, error) => this.#fail(envelope, error),
    );
  }

  #take({ envelope, bytes }: WaitingMessage): ReceivedValue | undefined {
    this.#messenger.release(bytes);
    try {
      const value = this.#messenger.decode(envelope);
      acknowledge(this.#messenger, envelope);
      return { value, info: this.#infoOf(envelope) };
    } catch (error) {
      this.#fail(envelope, error);
      return undefined;
    }
  }

  // It was not taken, so it may come again under its id.
  #fail({ id, key, isAckWanted }: ReceivedEnvelope, error: unknown): void {
    const { formats, host } = this.#messenger;
    if (key !== undefined) this.#ids?.forget(key);
    if (!(error instanceof ReplyError)) host.handleFailure(error);
    if (!isAckWanted) return;
    const isUnreadable = error instanceof HawserError && error.code === "serialization";
    this.#messenger.trySend(
      isUnreadable ? refusalEnvelope(id, error) : failureEnvelope(id, error, formats, host.peer.capabilities),
    );
  }

  #refuse({ id, key, name }: ReceivedEnvelope): void {
    if (key !== undefined) this.#ids?.forget(key);
    const error = new HawserError("not-found", `nothing handles messages of the type "${name}"`);
    this.#messenger.trySend(refusalEnvelope(id, error));
  }

  #infoOf({ name, headers = NO_HEADERS, ttl, key }: ReceivedEnvelope): ValueInfo {
    return { type: name, headers, ttl, id: key, peer: this.#messenger.host.peer };
  }
}

/** Whether a message with these options is one of values, though it has bytes. */
export function isOfValues({ type, headers, ttl, id, format, ack }: ValueOptions): boolean {
  return type !== undefined || headers !== undefined || ttl !== undefined || id !== undefined ||
    format !== undefined || ack === true;
}

// The peer's application may be long in taking it.
const PLAIN: SessionSendOptions = { typed: true, patient: true };

function sessionOptionsOf(
  { compress, fragment, priority, channel, unreliable, deadlineMs, signal }: ValueOptions,
): SessionSendOptions {
  const until = deadlineMs === undefined ? undefined : now() + deadlineMs;
  return { ...PLAIN, compress, fragment, priority, channel, unreliable, signal, until };
}

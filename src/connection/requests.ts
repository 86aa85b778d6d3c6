/**
 * What we ask the peer, and the promises that wait for its answers.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { type Call, CallTable } from "../message/call_table.ts";
import {
  type Envelope,
  KIND_ACK,
  KIND_CANCEL,
  KIND_CREDIT,
  KIND_ECHO,
  KIND_ERROR,
  KIND_GOODBYE,
  KIND_REPLY,
  KIND_REPLY_END,
  KIND_REPLY_PART,
  KIND_REQUEST,
  type MessageHeaders,
  type ReceivedEnvelope,
} from "../message/envelope.ts";
import { failureOf } from "../message/failures.ts";
import { REPLY_CREDIT_BYTES, REQUEST_MS_DEFAULT } from "../message_limits.ts";
import type { SessionSendOptions } from "../session/mod.ts";
import { now } from "./clock.ts";
import type { Messenger, MessengerPart } from "./messenger.ts";
import { Replies } from "./replies.ts";

const PLAIN: SessionSendOptions = { typed: true };

/** How to ask. */
export interface RequestOptions {
  /**
   * How long the answer may take, in milliseconds; the other side is told, and its handler, too. Default 30,000, and for
   * `requestMany` no bound. `Infinity` for none.
   */
  readonly deadlineMs?: number;
  /** Gives up when it aborts, with its reason, and tells the handler on the other side. */
  readonly signal?: AbortSignal;
  /** Names and texts that accompany the value. */
  readonly headers?: MessageHeaders;
  /** From 0 to 255, by default 128: urgent ones overtake. */
  readonly priority?: number;
  /** The channel that it is sent on. */
  readonly channel?: string;
  /** The name of the format of the value. Default: the connection's. MessagePack is answered in MessagePack. */
  readonly format?: string;
  /** Try to compress it. Default true. */
  readonly compress?: boolean;
}

/** A call of ours: what its answers do. It is in the table until it is over. */
export interface OpenCall extends Call {
  /** What it is, for errors: 'the request "sum"'. */
  readonly what: string;
  /** Hears of a signal no more: set while there is one. */
  unlisten: (() => void) | undefined;
  /** The answer, or the last of several. */
  handleReply(envelope: ReceivedEnvelope): void;
  /** One of several answers. */
  handlePart(envelope: ReceivedEnvelope): void;
  /** No more answers. */
  handleEnd(): void;
  /** There will be no answer. */
  handleFailure(error: unknown): void;
}

/** The calls of one connection. */
export class Requests implements MessengerPart {
  readonly #messenger: Messenger;
  readonly #calls: CallTable<OpenCall>;
  #lastId = 0;
  #goodbye: HawserError | undefined;
  /** Hears of a goodbye. */
  onGoodbye: ((reason: string) => void) | undefined;

  /** Serves what answers calls. */
  constructor(messenger: Messenger, callsMax: number) {
    this.#messenger = messenger;
    this.#calls = new CallTable(callsMax);
    messenger.add(this);
    messenger.on(KIND_REPLY, (envelope) => this.#take(envelope)?.handleReply(envelope));
    messenger.on(KIND_ACK, (envelope) => this.#take(envelope)?.handleReply(envelope));
    messenger.on(KIND_REPLY_PART, (envelope) => this.#calls.find(envelope.id)?.handlePart(envelope));
    messenger.on(KIND_REPLY_END, (envelope) => this.#take(envelope)?.handleEnd());
    messenger.on(KIND_ERROR, (envelope) => this.#handleError(envelope));
    messenger.on(KIND_GOODBYE, ({ name = "" }) => this.#handleGoodbye(name));
  }

  /** How many are in flight. */
  get size(): number {
    return this.#calls.size;
  }

  /** Asks for one reply. */
  request(name: string, value: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#single(KIND_REQUEST, name, value, options);
  }

  /** Asks for the same value back. */
  echo(value: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#single(KIND_ECHO, undefined, value, options);
  }

  /** Asks for several replies. What is wrong with the request is thrown by the first `next`. */
  requestMany(name: string, value: unknown, options: RequestOptions = {}): Replies {
    const { deadlineMs = Infinity, signal } = options;
    const due = dueIn(deadlineMs);
    const replies: Replies = new Replies({
      // Its envelope gets this one, too.
      id: this.#lastId + 1,
      due,
      what: `the requests "${name}"`,
      decode: (envelope) => this.#messenger.decode(envelope),
      grant: (bytes) => this.#messenger.trySend({ kind: KIND_CREDIT, id: replies.id, number: bytes }),
      cancel: () => this.#cancel(replies),
    });
    try {
      const envelope = this.#envelope(KIND_REQUEST, name, value, deadlineMs, REPLY_CREDIT_BYTES, options);
      this.#open(replies, envelope, this.#sendOptions(due, options), signal);
    } catch (error) {
      replies.handleFailure(error);
    }
    return replies;
  }

  /** Sends an envelope whose ACK fulfils the promise: the peer's application took what is in it. */
  acknowledged(envelope: Envelope, options: SessionSendOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const numbered = { ...envelope, id: ++this.#lastId };
      const call = new SingleCall(this.#messenger, numbered, options.until ?? Infinity, resolve, reject);
      this.#open(call, numbered, options, options.signal);
    });
  }

  get isIdle(): boolean {
    return this.#calls.size === 0;
  }

  deadline(): number {
    return this.#calls.deadline();
  }

  handleTimeout(now: number): void {
    for (let call = this.#calls.takeExpired(now); call !== undefined; call = this.#calls.takeExpired(now)) {
      call.unlisten?.();
      this.#messenger.trySend({ kind: KIND_CANCEL, id: call.id });
      call.handleFailure(new HawserError("timeout", `${call.what} was not answered before its deadline`));
    }
  }

  handleEnd(error: HawserError): void {
    for (const call of this.#calls.takeAll()) {
      call.unlisten?.();
      call.handleFailure(error);
    }
  }

  #single(kind: number, name: string | undefined, value: unknown, options: RequestOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { deadlineMs = REQUEST_MS_DEFAULT, signal } = options;
      const due = dueIn(deadlineMs);
      const envelope = this.#envelope(kind, name, value, deadlineMs, undefined, options);
      const call = new SingleCall(this.#messenger, envelope, due, resolve, reject);
      this.#open(call, envelope, this.#sendOptions(due, options), signal);
    });
  }

  #envelope(
    kind: number,
    name: string | undefined,
    value: unknown,
    deadlineMs: number,
    number: number | undefined,
    { headers, format: formatName }: RequestOptions,
  ): Envelope {
    const { format, payload } = this.#messenger.encode(value, formatName);
    const id = ++this.#lastId;
    const leftMs = deadlineMs === Infinity ? undefined : Math.ceil(deadlineMs);
    return { kind, id, name, deadlineMs: leftMs, headers, number, format, payload };
  }

  // Throws `limit` for too many calls, what `send` throws, and the reason of a signal that has aborted.
  #open(call: OpenCall, envelope: Envelope, options: SessionSendOptions, signal?: AbortSignal): void {
    signal?.throwIfAborted();
    if (this.#goodbye !== undefined) throw this.#goodbye;
    if (this.#calls.isFull) {
      throw new HawserError("limit", `${this.#calls.size} requests are in flight: wait for some of them`);
    }
    this.#messenger.send(envelope, options);
    this.#calls.add(call);
    if (call.due !== Infinity) this.#messenger.arm(call.due);
    if (signal === undefined) return;
    const onAbort = () => {
      this.#cancel(call);
      call.handleFailure(signal.reason);
    };
    signal.addEventListener("abort", onAbort);
    call.unlisten = () => signal.removeEventListener("abort", onAbort);
  }

  // A request that waits for so long that nobody wants its answer any more need not leave.
  #sendOptions(due: number, { priority, channel, compress }: RequestOptions): SessionSendOptions {
    const until = due !== Infinity && this.#messenger.isCongested ? due : undefined;
    const isPlain = priority === undefined && channel === undefined && compress === undefined &&
      until === undefined;
    return isPlain ? PLAIN : { ...PLAIN, priority, channel, compress, until };
  }

  #cancel(call: OpenCall): void {
    if (!this.#calls.remove(call)) return;
    call.unlisten?.();
    this.#messenger.trySend({ kind: KIND_CANCEL, id: call.id });
  }

  // What answers a call that is over already comes too late, and is nobody's any more.
  #take({ id }: ReceivedEnvelope): OpenCall | undefined {
    const call = this.#calls.take(id);
    call?.unlisten?.();
    return call;
  }

  #handleGoodbye(reason: string): void {
    const why = reason === "" ? "" : `: ${reason}`;
    this.#goodbye = new HawserError(
      "closed",
      `the peer takes no more requests, because it will end soon${why}`,
    );
    const { onGoodbye } = this;
    if (onGoodbye !== undefined) queueMicrotask(() => onGoodbye(reason));
  }

  #handleError(envelope: ReceivedEnvelope): void {
    const { formats, host } = this.#messenger;
    if (envelope.id === undefined) {
      return host.handleFailure(failureOf(envelope, formats, "a message to the peer"));
    }
    const call = this.#take(envelope);
    call?.handleFailure(failureOf(envelope, formats, call.what));
  }
}

/** A call with one answer. */
class SingleCall implements OpenCall {
  readonly id: number;
  readonly due: number;
  place = -1;
  unlisten: (() => void) | undefined;
  readonly #kind: number;
  readonly #name: string | undefined;
  readonly #messenger: Messenger;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    messenger: Messenger,
    { id, kind, name }: Envelope,
    due: number,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.id = id!;
    this.due = due;
    this.#kind = kind;
    this.#name = name;
    this.#messenger = messenger;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get what(): string {
    if (this.#kind === KIND_ECHO) return "the echo";
    return this.#kind === KIND_REQUEST ? `the request "${this.#name}"` : "the message";
  }

  handleReply(envelope: ReceivedEnvelope): void {
    try {
      this.#resolve(this.#messenger.decode(envelope));
    } catch (error) {
      this.#reject(error);
    }
  }

  // The peer was not asked for several: it does not know what it does.
  handlePart(): void {
    throw new HawserError("protocol", `the peer answers ${this.what} several times, for which nobody asked`);
  }

  handleEnd(): void {
    this.handlePart();
  }

  handleFailure(error: unknown): void {
    this.#reject(error);
  }
}

function dueIn(deadlineMs: number): number {
  if (!(deadlineMs > 0)) throw new RangeError(`deadlineMs must be a number above 0, but is ${deadlineMs}`);
  return now() + deadlineMs;
}

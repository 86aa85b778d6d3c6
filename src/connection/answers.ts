/**
 * What the peer asks us, and the handlers of the application that answer.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { isThenable } from "../thenable.ts";
import { Fifo } from "../fifo.ts";
import { CallTable } from "../message/call_table.ts";
import {
  type Envelope,
  KIND_CANCEL,
  KIND_CREDIT,
  KIND_ECHO,
  KIND_GOODBYE,
  KIND_REPLY,
  KIND_REPLY_END,
  KIND_REPLY_PART,
  KIND_REQUEST,
  type ReceivedEnvelope,
} from "../message/envelope.ts";
import { failureEnvelope, refusalEnvelope } from "../message/failures.ts";
import { ReplyError } from "../message/reply_error.ts";
import { HANDLERS_MS_MAX, type MessageLimits, NAME_BYTES_MAX, REPLY_COST_BYTES } from "../message_limits.ts";
import { now } from "./clock.ts";
import type { Messenger, MessengerPart } from "./messenger.ts";
import { type RequestContext, ServedRequest } from "./served_request.ts";

/**
 * Answers requests: what it returns, or its promise resolves with, is the reply. An async iterable is several replies.
 * A `ReplyError` reaches whoever asked as it is; of any other error that side learns only that there was one.
 */
export type RequestHandler = (value: unknown, context: RequestContext) => unknown;

interface Waiting {
  readonly envelope: ReceivedEnvelope;
  readonly bytes: number;
}

// In any script.
const REASON_CHARS_MAX = Math.floor(NAME_BYTES_MAX / 3);

/** The requests of one peer. */
export class Answers implements MessengerPart {
  readonly #messenger: Messenger;
  readonly #limits: MessageLimits;
  readonly #handlers: Map<string, RequestHandler> = new Map();
  readonly #served: CallTable<ServedRequest>;
  #servedBytes = 0;
  // Requests that came before the handlers: an application that was just connected registers them one after the other.
  readonly #waiting: Fifo<Waiting> = new Fifo();
  #waitsUntil = Infinity;
  #isHandling = false;
  #refusal: HawserError | undefined;

  /** Serves requests and what belongs to them. */
  constructor(messenger: Messenger, limits: MessageLimits) {
    this.#messenger = messenger;
    this.#limits = limits;
    this.#served = new CallTable(limits.servedMax);
    messenger.add(this);
    messenger.on(KIND_REQUEST, (envelope, bytes) => this.#handleRequest(envelope, bytes));
    messenger.on(KIND_CANCEL, ({ id }) => this.#cancel(id));
    messenger.on(KIND_CREDIT, ({ id, number = 0 }) => this.#served.find(id)?.addCredit(number));
    messenger.on(KIND_ECHO, ({ id, format, payload }) => {
      messenger.trySend({ kind: KIND_REPLY, id, format, payload });
    });
  }

  /** How many are being answered. */
  get size(): number {
    return this.#served.size;
  }

  /** Answers requests of a name from now on, in place of the handler before; `undefined` takes that away. */
  handle(name: string, handler: RequestHandler | undefined): void {
    if (handler === undefined) return void this.#handlers.delete(name);
    this.#handlers.set(name, handler);
    if (this.#waiting.length > 0) this.#handleWaiting();
    if (this.#isHandling) return;
    this.#isHandling = true;
    this.#waitsUntil = now() + HANDLERS_MS_MAX;
    this.#messenger.arm(this.#waitsUntil);
  }

  /** Tells the peer that the end is near, and answers every request from now on with the error `closed`. */
  goodbye(reason: string): void {
    const name = reason.slice(0, REASON_CHARS_MAX);
    this.#messenger.send({ kind: KIND_GOODBYE, name });
    this.#refusal = new HawserError(
      "closed",
      `the connection will end soon${name === "" ? "" : `: ${name}`}`,
    );
    this.#refuseWaiting();
  }

  get isIdle(): boolean {
    return this.#served.size === 0 && this.#waiting.length === 0;
  }

  deadline(): number {
    const waiting = this.#waiting.length > 0 ? this.#waitsUntil : Infinity;
    return Math.min(waiting, this.#served.deadline());
  }

  handleTimeout(now: number): void {
    if (now >= this.#waitsUntil) this.#refuseWaiting();
    for (let call = this.#served.takeExpired(now); call !== undefined; call = this.#served.takeExpired(now)) {
      const error = new HawserError("timeout", `the deadline of the request "${call.name}" has passed`);
      this.#servedBytes -= call.bytes;
      this.#messenger.trySend(refusalEnvelope(call.id, error));
      call.cancel(error);
    }
  }

  handleEnd(error: HawserError): void {
    this.#waiting.clear();
    for (const call of this.#served.takeAll()) call.cancel(error);
  }

  #handleRequest(envelope: ReceivedEnvelope, bytes: number): boolean {
    const { id, name } = envelope;
    if (id === undefined || name === undefined || this.#served.find(id) !== undefined) {
      throw new HawserError("protocol", "a request of the peer has no name, or not an id of its own");
    }
    const handler = this.#handlers.get(name);
    if (handler !== undefined || this.#refusal !== undefined) this.#serve(envelope, handler);
    else if (!this.#isHandling || now() < this.#waitsUntil) return this.#wait(envelope, bytes);
    else this.#refuse(envelope);
    return false;
  }

  #wait(envelope: ReceivedEnvelope, bytes: number): boolean {
    this.#waiting.push({ envelope, bytes });
    if (this.#waitsUntil === Infinity) this.#waitsUntil = now() + this.#limits.unhandledMsMax;
    this.#messenger.arm(this.#waitsUntil);
    return true;
  }

  #handleWaiting(): void {
    for (let left = this.#waiting.length; left > 0; left--) {
      const waiting = this.#waiting.shift()!;
      const handler = this.#handlers.get(waiting.envelope.name!);
      if (handler === undefined) this.#waiting.push(waiting);
      else {
        this.#messenger.release(waiting.bytes);
        this.#serve(waiting.envelope, handler);
      }
    }
  }

  #refuseWaiting(): void {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      this.#messenger.release(waiting.bytes);
      this.#refuse(waiting.envelope);
    }
    if (!this.#isHandling) this.#waitsUntil = Infinity;
  }

  #refuse({ id, name }: ReceivedEnvelope): void {
    const error = this.#refusal ??
      new HawserError("not-found", `nothing handles requests of the name "${name}"`);
    this.#messenger.trySend(refusalEnvelope(id, error));
  }

  #serve(envelope: ReceivedEnvelope, handler: RequestHandler | undefined): void {
    if (handler === undefined || this.#refusal !== undefined) return this.#refuse(envelope);
    const call = new ServedRequest(this.#messenger.host, envelope, now());
    const isOver = this.#servedBytes + call.bytes > this.#limits.servedBytesMax && this.#served.size > 0;
    if (this.#served.isFull || isOver) {
      const error = new HawserError(
        "limit",
        `${this.#served.size} requests are being answered: try again later`,
      );
      return this.#messenger.trySend(refusalEnvelope(call.id, error));
    }
    let value: unknown;
    try {
      value = this.#messenger.decode(envelope);
    } catch (error) {
      return this.#messenger.trySend(refusalEnvelope(call.id, error as HawserError));
    }
    this.#served.add(call);
    this.#servedBytes += call.bytes;
    if (call.due !== Infinity) this.#messenger.arm(call.due);
    this.#call(handler, value, call);
  }

  // A handler that is not asynchronous is answered at once: a promise would cost a turn.
  #call(handler: RequestHandler, value: unknown, call: ServedRequest): void {
    let result: unknown;
    try {
      result = handler(value, call);
    } catch (error) {
      return this.#fail(call, error);
    }
    if (isThenable(result)) {
      result.then((reply) => this.#reply(call, reply), (error) => this.#fail(call, error));
    } else this.#reply(call, result);
  }

  #reply(call: ServedRequest, result: unknown): void {
    if (isAsyncIterable(result)) return this.#replySeveral(call, result[Symbol.asyncIterator]());
    if (call.isOver) return;
    try {
      this.#answer(call, KIND_REPLY, result);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #replySeveral(call: ServedRequest, replies: AsyncIterator<unknown>): void {
    if (call.isMany) return void this.#replyAll(call, replies);
    this.#end(call);
    const error = new HawserError("unsupported", `"${call.name}" has several replies: ask with requestMany`);
    this.#messenger.trySend(refusalEnvelope(call.id, error));
  }

  async #replyAll(call: ServedRequest, replies: AsyncIterator<unknown>): Promise<void> {
    // What waits for the next of them may never come.
    call.onCancel = () => void Promise.resolve(replies.return?.()).catch(() => {});
    if (call.isOver) return call.onCancel();
    try {
      while (await call.credit()) {
        const { done, value } = await replies.next();
        if (call.isOver) return;
        if (done) return void this.#answer(call, KIND_REPLY_END, undefined);
        const bytes = this.#answer(call, KIND_REPLY_PART, value);
        call.spendCredit(bytes + REPLY_COST_BYTES);
        if (this.#messenger.isCongested) await this.#messenger.host.drained();
      }
    } catch (error) {
      const { onCancel, isOver } = call;
      if (!isOver) this.#fail(call, error);
      onCancel?.();
    }
  }

  /** Sends a reply, and returns the bytes of its value. */
  #answer(call: ServedRequest, kind: number, value: unknown): number {
    const isPlain = typeof value === "string" || value instanceof Uint8Array;
    const formatName = isPlain ? undefined : this.#messenger.formats.answering(call.format);
    const { format, payload } = this.#messenger.encode(value, formatName);
    const envelope: Envelope = { kind, id: call.id, format, payload };
    this.#messenger.send(envelope);
    if (kind !== KIND_REPLY_PART) this.#end(call);
    return payload.length;
  }

  #fail(call: ServedRequest, error: unknown): void {
    if (call.isOver) return;
    const { formats, host } = this.#messenger;
    this.#end(call);
    this.#messenger.trySend(failureEnvelope(call.id, error, formats, host.peer.capabilities));
    if (!(error instanceof ReplyError)) host.handleFailure(error);
  }

  #end(call: ServedRequest): void {
    if (this.#served.remove(call)) this.#servedBytes -= call.bytes;
    call.end();
  }

  #cancel(id: number | undefined): void {
    const call = this.#served.find(id);
    if (call === undefined) return;
    this.#served.remove(call);
    this.#servedBytes -= call.bytes;
    call.cancel(new HawserError("closed", `nobody waits for the answer to "${call.name}" any more`));
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

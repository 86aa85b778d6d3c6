/**
 * The message layer of one connection: typed messages on their way in and out, and the parts that they are for.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import {
  type Envelope,
  envelopeBytesMax,
  readEnvelope,
  type ReceivedEnvelope,
  writeEnvelope,
} from "../message/envelope.ts";
import type { EncodedValue, Formats } from "../message/formats.ts";
import { SLAB_BYTES } from "../limits.ts";
import { type Peer, type SessionSendOptions, Slab } from "../session/mod.ts";
import { DeadlineTimer, now } from "./clock.ts";
import type { Pump } from "./pump.ts";
import type { WaitOptions } from "./waiters.ts";

// Long texts are encoded apart: what they could take at most is three times what they mostly do.
const TEXT_CHARS_MAX = 1024;

const TYPED: SessionSendOptions = { typed: true };

const encoder = new TextEncoder();
const slab = new Slab(SLAB_BYTES);

/**
 * Takes an envelope of one kind. Returns `true` if it goes on holding the message, of so many bytes, against the
 * peer's window, and will `release` it. Throws a `HawserError` only if the peer broke the protocol, which ends the connection.
 */
export type EnvelopeHandler = (envelope: ReceivedEnvelope, bytes: number) => boolean | void;

/** What a messenger asks of its connection. */
export interface MessengerHost {
  /** The other side. */
  readonly peer: Peer;
  /** Resolves when there is room in the send queue. */
  drained(options?: WaitOptions): Promise<void>;
  /** What broke the connection, if something did. */
  failure(): HawserError | undefined;
  /** Tells the application of an error that nobody waits for. */
  handleFailure(error: unknown): void;
}

/** Something with deadlines that serves some kinds of envelopes. */
export interface MessengerPart {
  /** Whether nothing is under way: it could sleep, and start anew, and nobody would miss anything. */
  readonly isIdle: boolean;
  /** When `handleTimeout` has something to do; `Infinity` if never. */
  deadline(): number;
  /** Time has passed. Safe to call early. */
  handleTimeout(now: number): void;
  /** The connection has ended: nothing may wait any longer. */
  handleEnd(error: HawserError): void;
}

/** Sends envelopes, and hands those that arrive to the part that serves their kind. */
export class Messenger {
  /** The connection. */
  readonly host: MessengerHost;
  /** How values are written. */
  readonly formats: Formats;
  readonly #pump: Pump;
  readonly #handlers: (EnvelopeHandler | undefined)[] = [];
  readonly #parts: MessengerPart[] = [];
  readonly #timer: DeadlineTimer = new DeadlineTimer(() => this.#handleDeadline());
  #end: HawserError | undefined;

  /** Starts without parts. */
  constructor(host: MessengerHost, pump: Pump, formats: Formats) {
    this.host = host;
    this.formats = formats;
    this.#pump = pump;
  }

  /** Whether nothing is under way in any part. */
  get isIdle(): boolean {
    return this.#parts.every((part) => part.isIdle);
  }

  /** Hands envelopes of this kind to `handler` from now on. */
  on(kind: number, handler: EnvelopeHandler): void {
    this.#handlers[kind] = handler;
  }

  /** Looks after the deadlines of a part, and tells it of the end. */
  add(part: MessengerPart): void {
    this.#parts.push(part);
  }

  /** Whether more than the high-water mark waits to be sent. */
  get isCongested(): boolean {
    return this.#pump.session.isCongested;
  }

  /**
   * Sends an envelope. Returns `false` above the high-water mark of the send queue.
   * @throws {HawserError} as `send` of a connection; {RangeError} for names and headers over their bounds.
   */
  send(envelope: Envelope, options: SessionSendOptions = TYPED): boolean {
    return this.sendEncoded(encode(envelope), options);
  }

  /** The same for an envelope that was encoded before, and stays as it is. */
  sendEncoded(message: Uint8Array, options: SessionSendOptions = TYPED): boolean {
    if (this.#end !== undefined) throw this.#end;
    const hasRoom = this.#pump.session.send(message, options.typed ? options : { ...options, typed: true });
    this.#pump.wake();
    return hasRoom;
  }

  /** Sends what the peer can do without: nothing happens if it cannot be sent, because the connection ends. */
  trySend(envelope: Envelope): void {
    if (this.#end !== undefined) return;
    try {
      this.send(envelope);
    } catch (error) {
      if (!(error instanceof HawserError)) throw error;
      // What cannot even be told has to end the connection, or the peer would wait for it.
      if (error.code !== "closed") this.#pump.abort(error);
    }
  }

  /** A part that held a message of so many bytes is done with it. */
  release(bytes: number): void {
    this.#pump.session.releaseTyped(bytes);
    this.#pump.wake();
  }

  /**
   * A value for an envelope to this peer.
   * @throws {HawserError} `serialization` or `unsupported`.
   */
  encode(value: unknown, format: string | undefined): EncodedValue {
    return this.formats.encode(value, format, this.host.peer.capabilities);
  }

  /**
   * The value in an envelope.
   * @throws {HawserError} `serialization`.
   */
  decode({ format, payload }: ReceivedEnvelope): unknown {
    return this.formats.decode(format, payload);
  }

  /** A part has an earlier deadline than before. */
  arm(deadline: number): void {
    if (deadline < this.#timer.due) this.#timer.set(deadline);
  }

  /** Hands out what has arrived: `first`, and what follows it. */
  handleMessages(first: Uint8Array): void {
    const { session } = this.#pump;
    for (let message: Uint8Array | undefined = first; message !== undefined; message = session.takeTyped()) {
      try {
        if (this.#handle(message) !== true) session.releaseTyped(message.length);
      } catch (error) {
        if (!(error instanceof HawserError)) throw error;
        this.#pump.abort(error);
        return;
      }
    }
  }

  /** The connection has ended. */
  handleEnd(error: HawserError): void {
    this.#end = error;
    this.#timer.clear();
    for (const part of this.#parts) part.handleEnd(error);
  }

  #handle(message: Uint8Array): boolean | void {
    const envelope = readEnvelope(message);
    const handler = this.#handlers[envelope.kind];
    if (handler === undefined) {
      throw new HawserError("protocol", `the peer sent a typed message of an unknown kind: ${envelope.kind}`);
    }
    return handler(envelope, message.length);
  }

  #handleDeadline(): void {
    const time = now();
    for (const part of this.#parts) part.handleTimeout(time);
    this.#timer.set(Math.min(...this.#parts.map((part) => part.deadline())));
  }
}

function encode(envelope: Envelope): Uint8Array {
  const { payload } = envelope;
  if (typeof payload === "string" && payload.length > TEXT_CHARS_MAX) {
    envelope = { ...envelope, payload: encoder.encode(payload) };
  }
  slab.reserve(envelopeBytesMax(envelope));
  const end = writeEnvelope(slab.target, slab.at, envelope);
  return slab.take(end - slab.at);
}

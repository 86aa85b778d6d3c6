/**
 * All streams of a session: which there are, what they may send together, and what is said about them.
 *
 * Made when the first stream is opened, by either side: a session without streams pays nothing for them.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { Fifo } from "../../fifo.ts";
import {
  STREAM_CODE_MAX,
  STREAM_NAME_BYTES_MAX,
  STREAM_PART_BYTES_MIN,
  type StreamLimits,
  STREAMS_INITIAL,
  STREAMS_WINDOW_BYTES_INITIAL,
} from "../../stream_limits.ts";
import {
  FRAME_STREAM,
  FRAME_STREAM_END,
  FRAME_STREAM_OPEN,
  FRAME_STREAM_RESET,
  FRAME_STREAM_STOP,
  FRAME_STREAM_WINDOW,
  FRAME_STREAMS_MAX,
  FRAME_STREAMS_WINDOW,
} from "../../wire/frames.ts";
import { PRIORITY_DEFAULT } from "../../scheduler_limits.ts";
import type { Cursor } from "../../wire/varint.ts";
import { ReceiveWindow, type ReceiveWindowSnapshot, SendWindow } from "../flow.ts";
import type { Flow } from "../scheduler.ts";
import type { StreamCarrier } from "./carrier.ts";
import { STREAM_REFUSED } from "./codes.ts";
import { Openings, type OpeningsSnapshot } from "./openings.ts";
import { ReceiveStream, type ReceiveStreamOwner } from "./receive_stream.ts";
import { SendStream, type SendStreamOptions, type SendStreamOwner } from "./send_stream.ts";
import { SessionStream } from "./session_stream.ts";
import { StreamControls, type StreamsGate } from "./stream_controls.ts";

/** Where the streams of a session stand while none is open. */
export interface StreamsSnapshot {
  /** Streams that we opened, and how many we may. */
  readonly opened: number;
  readonly openMax: number;
  /** What was sent on all streams, and how much may be. */
  readonly sendWindow: { readonly offset: number; readonly limit: number };
  readonly receiveWindow: ReceiveWindowSnapshot;
  readonly openings: OpeningsSnapshot;
}

/** What the table is made of. */
export interface StreamTableParts {
  /** Our streams have even ids as the initiator, odd ones as the responder. */
  readonly isInitiator: boolean;
  readonly limits: StreamLimits;
  /** Gives a stream its place among all that is to be sent. */
  readonly addFlow: (flow: Flow) => { wake(): void };
  /** Something happened: take what has arrived, and the news. Called once until all news are taken. */
  readonly onNews: () => void;
  /** Keeps what comes to a rate. */
  readonly gate?: StreamsGate;
}

/** How a stream is opened. */
export interface StreamOptions {
  /** From 0 to 255: how much of the way it gets beside messages and other streams. Default 128. */
  readonly priority?: number;
  /** Try to compress what we send on it. Default true; turn it off where secrets stand beside words of an attacker (CRIME). */
  readonly compress?: boolean;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** The streams of one session. */
export class StreamTable implements SendStreamOwner, ReceiveStreamOwner {
  readonly sendWindow: SendWindow;
  readonly receiveWindow: ReceiveWindow;
  readonly #parity: number;
  readonly #limits: StreamLimits;
  readonly addFlow: (flow: Flow) => { wake(): void };
  readonly #onNews: () => void;
  readonly #streams: Map<number, SessionStream> = new Map();
  readonly #openings: Openings;
  readonly #controls: StreamControls;
  // Streams of the peer that nobody has taken.
  readonly #arrived: Set<SessionStream> = new Set();
  readonly #news: Fifo<SessionStream> = new Fifo();
  #opened: number;
  #openMax: number;
  #peerStreams = 0;
  #now = 0;
  // Invariant: true from `onNews` until all news are taken.
  #isTold = false;

  /** Without streams; with a snapshot, what was frozen goes on. */
  constructor({ isInitiator, limits, addFlow, onNews, gate }: StreamTableParts, from?: StreamsSnapshot) {
    this.#parity = isInitiator ? 0 : 1;
    this.#limits = limits;
    this.addFlow = addFlow;
    this.#onNews = onNews;
    this.sendWindow = new SendWindow(from?.sendWindow.limit ?? STREAMS_WINDOW_BYTES_INITIAL);
    this.sendWindow.offset = from?.sendWindow.offset ?? 0;
    this.receiveWindow = new ReceiveWindow(
      limits.streamsWindowBytes,
      from?.receiveWindow ?? { received: 0, limit: STREAMS_WINDOW_BYTES_INITIAL },
    );
    this.#opened = from?.opened ?? 0;
    this.#openMax = from?.openMax ?? STREAMS_INITIAL;
    this.#openings = new Openings(limits.streamsMax, from?.openings);
    this.#controls = new StreamControls(this.receiveWindow, this.#openings, gate);
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** How many more the peer allows now. */
  get openable(): number {
    return this.#openMax - this.#opened;
  }

  /** What is to be said beside the streams' own bytes: limits, and that we want no more. */
  get controls(): StreamControls {
    return this.#controls;
  }

  /** Whether the end of the session must wait: a stream was ended, and not all of it has left. */
  get isFlushing(): boolean {
    for (const stream of this.#streams.values()) if (stream.outgoing.isFlushing) return true;
    return false;
  }

  /** Opens a stream; `undefined` while the peer allows no more. `name` is at most STREAM_NAME_BYTES_MAX bytes long; `carry` makes what carries it beside the main lane. */
  open(
    name: string,
    { priority = PRIORITY_DEFAULT, compress = true }: StreamOptions = {},
    carry?: (id: number) => StreamCarrier,
  ): SessionStream | undefined {
    if (this.openable <= 0) return undefined;
    const id = 2 * this.#opened++ + this.#parity;
    return this.#add(name, true, id, {
      priority,
      compress,
      carrier: carry?.(id),
      name: encoder.encode(name),
    });
  }

  /** The next stream that the peer opened; `undefined` if none waits. */
  takeArrived(): SessionStream | undefined {
    for (const stream of this.#arrived) {
      this.#arrived.delete(stream);
      stream.isAccepted = true;
      this.#removeIfDone(stream);
      return stream;
    }
    return undefined;
  }

  /** The next stream of ours to which something happened; `undefined` if there is none. */
  takeNews(): SessionStream | undefined {
    const stream = this.#news.shift();
    if (stream === undefined) this.#isTold = false;
    else stream.hasNews = false;
    return stream;
  }

  /**
   * Takes the fields of a frame of streams, which came on the main lane or by the carrier of its stream.
   * @throws {HawserError} `protocol` if they break a rule.
   */
  handleFrame(type: number, fields: Cursor, now: number, carrier?: StreamCarrier): void {
    this.#now = now;
    switch (type) {
      case FRAME_STREAM:
      case FRAME_STREAM_END:
        return this.#handleData(fields, type === FRAME_STREAM_END);
      case FRAME_STREAM_OPEN:
        return this.#handleOpen(fields, carrier);
      case FRAME_STREAM_RESET:
        return this.#find(fields.varint(), fields)?.incoming.handleReset(codeFrom(fields));
      case FRAME_STREAM_STOP:
        return this.#find(fields.varint(), fields)?.outgoing.handleStop(codeFrom(fields));
      case FRAME_STREAM_WINDOW:
        return this.#find(fields.varint(), fields)?.outgoing.handleWindow(fields.varint());
      case FRAME_STREAMS_WINDOW:
        return this.#handleStreamsWindow(fields.varint());
      case FRAME_STREAMS_MAX:
        return this.#handleStreamsMax(fields.varint());
    }
  }

  /** Whether a stream that was open is over in both directions. */
  isOver(id: number): boolean {
    return this.#streams.get(id)?.isFinished ?? true;
  }

  /** Whether the peer may still open the stream of this id: a carrier of it may be made. */
  mayArrive(id: number): boolean {
    return (id & 1) !== this.#parity && this.#openings.mayOpen((id - (id & 1)) / 2);
  }

  /** What carried a stream is gone: nothing of it moves any more. */
  handleLost(id: number, error: HawserError): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (!stream.incoming.isFinished) stream.incoming.wasReset = true;
    stream.handleClosed(error);
    this.#removeIfDone(stream);
  }

  /** The session is over: nothing moves any more. */
  handleClosed(error: HawserError): void {
    for (const stream of this.#streams.values()) stream.handleClosed(error);
    this.#streams.clear();
    this.#arrived.clear();
    this.#controls.clear();
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#openings.deadline();
  }

  /** Lets the peer open again what it threw away too fast. */
  handleTimeout(now: number): void {
    this.#now = now;
    if (now >= this.#openings.deadline()) this.#openings.handleTimeout(now);
  }

  /** Where it stands; `undefined` while any stream is open, or anything is to be said. */
  freeze(): StreamsSnapshot | undefined {
    const openings = this.#openings.freeze();
    const isAtRest = this.#streams.size === 0 && this.#news.length === 0 && !this.#controls.isPending;
    if (!isAtRest || openings === undefined) return undefined;
    const { offset, limit } = this.sendWindow;
    return {
      opened: this.#opened,
      openMax: this.#openMax,
      sendWindow: { offset, limit },
      receiveWindow: this.receiveWindow.freeze(),
      openings,
    };
  }

  handleOpened(outgoing: SendStream): void {
    const stream = this.#streams.get(outgoing.id);
    if (stream?.incoming.stopCode === undefined) return;
    (stream.carrier ?? this.#controls).handleControl(stream.incoming);
  }

  handleSendNews(stream: SendStream): void {
    this.#tell(this.#streams.get(stream.id));
  }

  handleSendFinished(stream: SendStream): void {
    this.#removeIfDone(this.#streams.get(stream.id));
  }

  // Nothing may be said of a stream before the peer knows it.
  handleControl(incoming: ReceiveStream): void {
    const stream = this.#streams.get(incoming.id);
    if (stream?.outgoing.isOpened === true) (stream.carrier ?? this.#controls).handleControl(incoming);
  }

  handleReceiveNews(stream: ReceiveStream): void {
    this.#tell(this.#streams.get(stream.id));
  }

  handleReceiveFinished(stream: ReceiveStream): void {
    this.#removeIfDone(this.#streams.get(stream.id));
  }

  #handleOpen(fields: Cursor, carrier: StreamCarrier | undefined): void {
    const id = fields.varint();
    const priority = fields.varint();
    const length = fields.varint();
    const start = fields.skip(length);
    if ((id & 1) === this.#parity) throw new HawserError("protocol", "the peer opened a stream of ours");
    if (priority > 255 || length > STREAM_NAME_BYTES_MAX) {
      throw new HawserError("protocol", "the peer opened a stream with a priority or name that cannot be");
    }
    this.#openings.handleOpen((id - (id & 1)) / 2);
    const name = decodeName(fields.bytes.subarray(start, start + length));
    const stream = this.#add(name, false, id, { priority, compress: true, carrier });
    if (++this.#peerStreams <= this.#limits.streamsMax) {
      this.#arrived.add(stream);
      return this.#tellSession();
    }
    stream.isAccepted = true;
    stream.abort(STREAM_REFUSED);
  }

  #handleData(fields: Cursor, isLast: boolean): void {
    const id = fields.varint();
    const offset = fields.varint();
    const length = fields.varint();
    const start = fields.skip(length);
    this.receiveWindow.handleReceive(length);
    this.#find(id)?.incoming.handleData(offset, fields.bytes, start, length, isLast);
  }

  #handleStreamsWindow(limit: number): void {
    const wasShort = this.sendWindow.room < STREAM_PART_BYTES_MIN;
    if (!this.sendWindow.handleLimit(limit) || !wasShort) return;
    for (const stream of this.#streams.values()) stream.outgoing.wake();
  }

  #handleStreamsMax(count: number): void {
    if (count <= this.#openMax) return;
    this.#openMax = count;
    this.#tellSession();
  }

  #add(name: string, isOurs: boolean, id: number, options: SendStreamOptions): SessionStream {
    const { carrier } = options;
    const outgoing = new SendStream(id, this, options);
    const incoming = new ReceiveStream(id, this.#limits.streamWindowBytes, this, carrier !== undefined);
    const stream = new SessionStream(name, outgoing, incoming, isOurs, carrier);
    this.#streams.set(stream.id, stream);
    return stream;
  }

  /** The stream of this id; `undefined` if it is over. The field behind the id is then passed over. */
  #find(id: number, fields?: Cursor): SessionStream | undefined {
    const stream = this.#streams.get(id);
    if (stream !== undefined) return stream;
    const index = (id - (id & 1)) / 2;
    const isKnown = (id & 1) === this.#parity ? index < this.#opened : this.#openings.isOpened(index);
    if (!isKnown) throw new HawserError("protocol", "the peer spoke of a stream that nobody has opened");
    fields?.varint();
    return undefined;
  }

  #tell(stream: SessionStream | undefined): void {
    if (stream === undefined || !stream.isAccepted || stream.hasNews) return;
    stream.hasNews = true;
    this.#news.push(stream);
    this.#tellSession();
  }

  #tellSession(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#onNews();
  }

  // A stream that the peer gave up before anybody took it is forgotten.
  #removeIfDone(stream: SessionStream | undefined): void {
    if (stream === undefined || !stream.isFinished) return;
    if (!stream.isAccepted && !stream.incoming.wasReset) return;
    this.#arrived.delete(stream);
    if (!this.#streams.delete(stream.id)) return;
    if ((stream.id & 1) === this.#parity) return;
    this.#peerStreams--;
    this.#openings.handleClosed(stream.incoming.wasReset, this.#now);
  }
}

function codeFrom(fields: Cursor): number {
  const code = fields.varint();
  if (code > STREAM_CODE_MAX) {
    throw new HawserError("protocol", "the peer gave a stream up with a code too large");
  }
  return code;
}

function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new HawserError("protocol", "the name of a stream of the peer is no UTF-8", { cause });
  }
}

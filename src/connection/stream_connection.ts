/**
 * Streams in a connection: opening them, and taking those of the peer.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { SessionStream, StreamOptions, StreamTable } from "../session/mod.ts";
import { STREAM_NAME_BYTES_MAX, STREAM_OPENS_WAITING_MAX } from "../stream_limits.ts";
import { FrameConnection } from "./frame_connection.ts";
import { Stream } from "./stream.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

/** How a stream is opened. */
export interface OpenStreamOptions extends StreamOptions, WaitOptions {
  /** Gives up: the wait for a peer that allows no more streams, and later both directions of the stream. */
  readonly signal?: AbortSignal;
}

const encoder = new TextEncoder();

// What the peer is told when our application cannot take its stream.
const HANDLER_FAILED = 2;

/** Of connections that have used streams. */
class Desk {
  readonly faces: Map<number, Stream> = new Map();
  readonly arrived: Waiters<Stream> = new Waiters("a stream of the peer");
  readonly openable: Waiters<void> = new Waiters("room for one more stream");
  // Calls of `openStream` that were told to go on, and have not opened their stream yet.
  promised = 0;
  handler: ((stream: Stream) => unknown) | undefined;
}

/** A connection that carries streams. */
export abstract class StreamConnection extends FrameConnection {
  #desk: Desk | undefined;

  /**
   * Opens a stream. Both sides can write and read at once; the peer hears of it with the next packet. Where it has as many
   * streams as it takes, this waits until one of them is over.
   *
   * @throws {HawserError} `closed`; `unsupported` over datagrams; `limit` when STREAM_OPENS_WAITING_MAX calls wait
   * already; `timeout` with `timeoutMs`. A signal's reason when it aborts.
   * @throws {RangeError} for a name over 255 bytes of UTF-8, or a priority that is not from 0 to 255.
   *
   * @example
   * ```ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * await using server = await listen(["mem://stream-example"]);
   * server.onConnection((connection) => connection.onStream((stream) => stream.readable.pipeTo(stream.writable)));
   *
   * await using connection = await connect([server.urls[0]]);
   * const stream = await connection.openStream("echo");
   * const writer = stream.writable.getWriter();
   * await writer.write(new TextEncoder().encode("hello"));
   * await writer.close();
   * console.log(await new Response(stream.readable).text()); // hello
   * ```
   */
  async openStream(name = "", options: OpenStreamOptions = {}): Promise<Stream> {
    checkOptions(name, options);
    if (this.info !== undefined) throw this.closedError(this.info);
    options.signal?.throwIfAborted();
    const desk = this.#desk ??= new Desk();
    const { session } = this.pump;
    const table = session.streams.use(session.state);
    if (table.openable - desk.promised <= 0) await this.#openable(desk, options);
    else desk.promised++;
    const carry = session.streams.isNative ? await this.pump.openNative() : undefined;
    desk.promised--;
    const state = session.streams.use(session.state).open(name, options, carry);
    if (state === undefined) {
      throw new HawserError("limit", "the peer allows no more streams: close some first");
    }
    const stream = this.#face(desk, state);
    this.pump.wake();
    if (options.signal !== undefined) abortWith(stream, options.signal);
    return stream;
  }

  /**
   * Calls `handler` with each stream that the peer opens; those that have come already come first. A handler that throws
   * or rejects gives its stream up. `undefined` takes the handler away, and streams wait again.
   */
  onStream(handler: ((stream: Stream) => unknown) | undefined): void {
    (this.#desk ??= new Desk()).handler = handler;
    this.handleStreams();
  }

  /** The streams that the peer opens, until the connection ends. Throws what ended it, if that was a failure. */
  async *streams(): AsyncGenerator<Stream, void, void> {
    const desk = this.#desk ??= new Desk();
    while (true) {
      const state = this.pump.session.streams.table?.takeArrived();
      if (state !== undefined) {
        yield this.#face(desk, state);
        continue;
      }
      if (this.info?.error !== undefined) throw this.info.error;
      if (this.info !== undefined) return;
      try {
        yield await desk.arrived.wait();
      } catch (error) {
        if (this.failure() !== undefined) throw error;
        return;
      }
    }
  }

  /** @ignore */
  protected override handleStreams(): void {
    const streams = this.pump.session.streams.table;
    const desk = this.#desk;
    if (streams === undefined || desk === undefined) return;
    this.#handleArrived(desk, streams);
    for (let state = streams.takeNews(); state !== undefined; state = streams.takeNews()) {
      desk.faces.get(state.id)?.handleNews();
      if (state.isFinished) desk.faces.delete(state.id);
    }
    while (desk.openable.size > 0 && streams.openable > desk.promised) {
      desk.promised++;
      desk.openable.resolveFirst();
    }
  }

  /** @ignore */
  protected override handleEnd(error: HawserError): void {
    super.handleEnd(error);
    this.#desk?.arrived.rejectAll(error);
    this.#desk?.openable.rejectAll(error);
  }

  #handleArrived(desk: Desk, streams: StreamTable): void {
    while (desk.handler !== undefined || desk.arrived.size > 0) {
      const state = streams.takeArrived();
      if (state === undefined) return;
      const stream = this.#face(desk, state);
      if (!desk.arrived.resolveFirst(stream)) void serve(stream, desk.handler!);
    }
  }

  async #openable(desk: Desk, options: WaitOptions): Promise<void> {
    if (desk.openable.size >= STREAM_OPENS_WAITING_MAX) {
      throw new HawserError("limit", `${desk.openable.size} calls of openStream wait already for the peer`);
    }
    await desk.openable.wait(options);
  }

  #face(desk: Desk, state: SessionStream): Stream {
    const stream = new Stream(state, this.pump);
    if (!state.isFinished) desk.faces.set(state.id, stream);
    return stream;
  }
}

async function serve(stream: Stream, handler: (stream: Stream) => unknown): Promise<void> {
  try {
    await handler(stream);
  } catch (cause) {
    const reason = new HawserError("closed", `the handler of the stream threw: ${cause}`, { cause });
    stream.abort(HANDLER_FAILED, reason);
  }
}

function abortWith(stream: Stream, signal: AbortSignal): void {
  const abort = () => stream.abort(0, signal.reason);
  if (signal.aborted) return abort();
  signal.addEventListener("abort", abort);
  void stream.closed.then(() => signal.removeEventListener("abort", abort));
}

function checkOptions(name: string, { priority = 0 }: OpenStreamOptions): void {
  if (typeof name !== "string") throw new TypeError("the name of a stream is a string");
  const bytes = encoder.encode(name).length;
  if (bytes > STREAM_NAME_BYTES_MAX) {
    throw new RangeError(`the name of a stream takes at most ${STREAM_NAME_BYTES_MAX} bytes, not ${bytes}`);
  }
  if (!Number.isInteger(priority) || priority < 0 || priority > 255) {
    throw new RangeError(`a priority is a whole number from 0 to 255, not ${priority}`);
  }
}

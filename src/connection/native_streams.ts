/**
 * Streams that ride on streams of the network: one link for each, beside the link of the connection.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Link, LinkHandler } from "../link.ts";
import { LANE_HEAD_BYTES, readHead, type Session, type StreamLane } from "../session/mod.ts";
import { now } from "./clock.ts";

/** Those of one connection. */
export class NativeStreams {
  readonly #session: Session;
  readonly #wake: () => void;
  readonly #links: Set<NativeStream> = new Set();

  /** `wake` has `flush` called soon. */
  constructor(session: Session, wake: () => void) {
    this.#session = session;
    this.#wake = wake;
  }

  /** Lets a stream that is about to be opened ride on `link`, which we have opened for it. */
  carry(link: Link, streamId: number): StreamLane {
    const native = this.#add(link, true);
    native.lane = this.#session.streams.laneFor(streamId, this.#wake, now());
    link.start(native);
    return native.lane;
  }

  /** The peer has opened a stream of the network. */
  handleStream(link: Link): void {
    if (this.#session.state === "closed") return void link.close({ abort: true });
    link.start(this.#add(link, false));
  }

  /** Sends what can leave now, and ends what is done. */
  flush(): void {
    for (const native of this.#links) native.flush();
  }

  /** The session is over. */
  close(): void {
    for (const native of this.#links) native.end(true);
  }

  #add(link: Link, isOurs: boolean): NativeStream {
    const native = new NativeStream(
      link,
      isOurs,
      this.#session,
      this.#wake,
      () => this.#links.delete(native),
    );
    this.#links.add(native);
    return native;
  }
}

/** The link of one stream. */
class NativeStream implements LinkHandler {
  lane: StreamLane | undefined;
  readonly #link: Link;
  // Who opened the link ends it: Bun 1.4 gives the connection up when both ends of a stream end at once.
  readonly #isOurs: boolean;
  readonly #session: Session;
  readonly #wake: () => void;
  readonly #onEnd: () => void;
  // Of the peer's: what says whose it is, as far as it has come.
  readonly #head: Uint8Array = new Uint8Array(LANE_HEAD_BYTES);
  #headBytes = 0;
  #isWritable = true;
  #isEnding = false;

  constructor(link: Link, isOurs: boolean, session: Session, wake: () => void, onEnd: () => void) {
    this.#link = link;
    this.#isOurs = isOurs;
    this.#session = session;
    this.#wake = wake;
    this.#onEnd = onEnd;
  }

  onReceive(bytes: Uint8Array): void {
    const at = this.lane === undefined ? this.#readHead(bytes) : 0;
    if (this.#session.state !== "closed" && this.lane !== undefined && at < bytes.length) {
      this.#receive(this.lane, bytes.subarray(at));
    }
    this.#wake();
  }

  onDrain(): void {
    this.#isWritable = true;
    this.#wake();
  }

  onClose(error?: HawserError): void {
    this.#isEnding = true;
    this.#onEnd();
    if (this.lane === undefined) return;
    this.lane.dispose();
    const lost = error ?? new HawserError("io", "the stream of the network ended before what it carried");
    this.#session.streams.table?.handleLost(this.lane.streamId, lost);
    this.#wake();
  }

  flush(): void {
    const { lane } = this;
    if (lane === undefined) return;
    while (this.#isWritable && !this.#isEnding) {
      const bytesMax = lane.packetBytesMax;
      if (bytesMax === 0) break;
      const packet = new Uint8Array(bytesMax);
      const length = lane.transmit(packet, now());
      if (length === 0) break;
      this.#isWritable = this.#link.send(packet.subarray(0, length));
    }
    if (this.#isOurs && lane.isDone) this.end(false);
  }

  end(abort: boolean): void {
    if (this.#isEnding && !abort) return;
    this.#isEnding = true;
    void this.#link.close({ abort });
  }

  /** Returns how many of the bytes belong to the head. */
  #readHead(bytes: Uint8Array): number {
    const part = bytes.subarray(0, LANE_HEAD_BYTES - this.#headBytes);
    this.#head.set(part, this.#headBytes);
    this.#headBytes += part.length;
    if (this.#headBytes < LANE_HEAD_BYTES || this.#isEnding) return part.length;
    this.lane = this.#session.streams.acceptLane(readHead(this.#head), this.#wake, now());
    if (this.lane === undefined) this.end(true);
    return part.length;
  }

  // What an authentic peer does wrong ends the session, on whichever lane; and what does not open, as on every ordered one.
  #receive(lane: StreamLane, bytes: Uint8Array): void {
    const at = now();
    try {
      this.#session.handleData();
      lane.receive(bytes, at);
      this.#session.handleAuthentic(at);
      this.#session.handleTimeout(at);
    } catch (error) {
      if (!(error instanceof HawserError)) throw error;
      this.#session.abort(error);
    }
  }
}

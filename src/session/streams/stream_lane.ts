/**
 * One stream that rides on a stream of the network below, in packets of its own.
 *
 * Its native stream begins with eight bytes that say whose it is; then come packets, as on the main lane, with nothing in
 * them but frames of this stream. Because what is said on two lanes has no order, the receiving side answers the end of a
 * direction with STREAM_STOP: only then does its sender know that all is there, and the session may close.
 *
 * @module
 */

import type { PacketReader } from "../../codec/codec.ts";
import { HawserError } from "../../errors.ts";
import { BODY_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../../limits.ts";
import { FRAME_REKEY, FRAME_STREAM, FRAME_STREAM_WINDOW, PAIR_FRAME_BYTES_MAX } from "../../wire/frames.ts";
import { Cursor } from "../../wire/varint.ts";
import type { SessionConfig } from "../config.ts";
import type { ReceiveLane, SendLane } from "../lanes.ts";
import type { Flow } from "../scheduler.ts";
import type { StreamCarrier } from "./carrier.ts";
import type { LaneKeys } from "./lane_keys.ts";
import type { ReceiveStream } from "./receive_stream.ts";
import { composeControl } from "./stream_controls.ts";
import type { StreamTable } from "./table.ts";

/** The bytes at the start of a native stream that say which stream of Hawser it carries. */
export const LANE_HEAD_BYTES = 8;

const REKEY_BYTES = 1;

/** What the lane of one stream is made of. */
export interface StreamLaneParts {
  readonly config: SessionConfig;
  readonly keys: LaneKeys;
  readonly table: StreamTable;
  readonly streamId: number;
  /** Whether we opened the native stream, and so say whose it is. */
  readonly isOurs: boolean;
  /** It has something to send. */
  readonly onWake: () => void;
}

/** The lane of one stream, both directions. */
export class StreamLane implements StreamCarrier {
  /** The stream that it carries. */
  readonly streamId: number;
  readonly #parts: StreamLaneParts;
  readonly #send: SendLane;
  readonly #receive: ReceiveLane;
  readonly #reader: PacketReader;
  readonly #cursor: Cursor = new Cursor(new Uint8Array(0));
  #flow: Flow | undefined;
  #control: ReceiveStream | undefined;
  #isHeadDue: boolean;

  /** Makes its keys: there must be one for each stream. */
  constructor(parts: StreamLaneParts, now: number) {
    this.#parts = parts;
    this.streamId = parts.streamId;
    [this.#send, this.#receive] = parts.keys.lanes(parts.streamId, now);
    this.#reader = parts.config.codec.createReader({
      datagram: false,
      packetBytesMax: BODY_BYTES_MAX + PACKET_OVERHEAD_MAX,
    });
    this.#isHeadDue = parts.isOurs;
  }

  addFlow(flow: Flow): { wake(): void } {
    this.#flow = flow;
    return this;
  }

  handleControl(incoming: ReceiveStream): void {
    this.#control = incoming;
    this.wake();
  }

  /** Something may leave. */
  wake(): void {
    this.#parts.onWake();
  }

  /** Whether the stream is over, and nothing of it is to be said any more. */
  get isDone(): boolean {
    return this.#flow !== undefined && this.#control === undefined && this.#parts.table.isOver(this.streamId);
  }

  /** How large the buffer for the next packet must be; 0 if nothing waits. */
  get packetBytesMax(): number {
    const flow = this.#flow?.isPending === true ? this.#flow.bytesMax : 0;
    const body = flow + (this.#control === undefined ? 0 : PAIR_FRAME_BYTES_MAX);
    if (body === 0) return 0;
    return LANE_HEAD_BYTES + Math.min(BODY_BYTES_MAX, body + REKEY_BYTES) + PACKET_OVERHEAD_MAX;
  }

  /** Writes the next packet into `target`, which has `packetBytesMax` bytes; returns its length, or 0 if nothing can leave. */
  transmit(target: Uint8Array, now: number): number {
    const { codec, limits } = this.#parts.config;
    const body = codec.plaintext;
    const end = BODY_BYTES_MAX - REKEY_BYTES;
    // The stream first: nothing may be said of it before it is open.
    let at = this.#flow?.isPending === true ? this.#flow.compose(body, 0, end, now) : 0;
    if (this.#control !== undefined && end - at >= PAIR_FRAME_BYTES_MAX) {
      at = composeControl(this.#control, body, at);
      this.#control = undefined;
    }
    if (at === 0) return 0;
    const isLong = at >= limits.compressionBytesMin;
    const compress = this.#parts.keys.compresses && isLong && this.#flow?.isCompressible === true;
    const rekey = this.#send.isRekeyDue(now);
    if (rekey) body[at++] = FRAME_REKEY;
    const head = this.#isHeadDue ? LANE_HEAD_BYTES : 0;
    if (this.#isHeadDue) writeHead(target, this.streamId);
    this.#isHeadDue = false;
    const length = head + this.#send.seal(at, compress, target, head);
    if (rekey) this.#send.rekey(now);
    return length;
  }

  /**
   * Bytes of the native stream arrived, behind its head; they may be reused when this returns.
   * @throws {HawserError} for what ends the session.
   */
  receive(bytes: Uint8Array, now: number): void {
    this.#reader.push(bytes);
    while (this.#reader.next()) {
      if (this.#handleFrames(this.#receive.open(this.#reader, now), now)) this.#receive.advance();
    }
  }

  /** Wipes the keys. */
  dispose(): void {
    this.#send.dispose();
    this.#receive.dispose();
    this.#flow = this.#control = undefined;
  }

  /** Returns whether the next packet is of the next epoch. */
  #handleFrames(length: number, now: number): boolean {
    const frames = this.#cursor;
    frames.reset(this.#parts.config.codec.opened, 0, length);
    while (frames.at < frames.end) {
      const type = frames.varint();
      if (type === FRAME_REKEY && frames.at === frames.end) return true;
      const start = frames.at;
      if (type < FRAME_STREAM || type > FRAME_STREAM_WINDOW || frames.varint() !== this.streamId) {
        throw new HawserError("protocol", "the peer sent something else on the lane of a stream");
      }
      frames.at = start;
      this.#parts.table.handleFrame(type, frames, now, this);
    }
    return false;
  }
}

/** Which stream a native stream carries, by its first LANE_HEAD_BYTES. */
export function readHead(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, LANE_HEAD_BYTES);
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4);
}

function writeHead(target: Uint8Array, streamId: number): void {
  const view = new DataView(target.buffer, target.byteOffset, LANE_HEAD_BYTES);
  view.setUint32(0, Math.floor(streamId / 2 ** 32));
  view.setUint32(4, streamId >>> 0);
}

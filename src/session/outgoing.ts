/**
 * The way out: what waits becomes frames, frames become the body of a packet, the body is sealed.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { BLOCKED_PROBE_MS, DATAGRAM_COST_BYTES, FRAME_COST_BYTES, PACKET_OVERHEAD_MAX } from "../limits.ts";
import {
  applicationFrame,
  FRAME_ACK,
  FRAME_OFFSET,
  FRAME_REKEY,
  MESSAGE_OVERHEAD_MAX,
  writeNumberFrame,
} from "../wire/frames.ts";
import { WINDOW_RESERVE_SHARE } from "../scheduler_limits.ts";
import { FLAG_HANDSHAKE } from "../wire/header.ts";
import type { Hello } from "../wire/hello.ts";
import type { SessionConfig, SessionSendOptions } from "./config.ts";
import { Controls, CONTROLS_BYTES_MAX } from "./controls.ts";
import { CLOSE_BYTES_MAX, Farewell } from "./farewell.ts";
import { SendWindow } from "./flow.ts";
import type { SendLane } from "./lanes.ts";
import { checkSendOptions, Outbox } from "./outbox.ts";
import { bodyBytesMax, REKEY_BYTES } from "./packet_room.ts";
import type { Resumption } from "./resumption.ts";
import type { OutgoingSnapshot } from "./snapshot.ts";
import type { LinkState } from "./survival.ts";
import type { StreamTable } from "./streams/table.ts";
import { type Throttle, throttleOf } from "./throttle.ts";

const OFFSET_BYTES_MAX = 9;
const ACK_BYTES_MAX = 9;
const PROBE_MS_MAX = 1_000;
// No timer is finer; a deadline that was rounded must not come at once again.
const HELD_MS_MIN = 1;

/** The sending half of a session, from the opening of its lane on. */
export class Outgoing {
  /** What is to be said beside messages. */
  readonly controls: Controls = new Controls();
  /** What the peer lets us send. */
  readonly window: SendWindow = new SendWindow(0);
  /** The messages. */
  readonly outbox: Outbox;
  /** The last word. */
  readonly farewell: Farewell;
  /** The streams, once there was one. */
  streams: StreamTable | undefined;
  /** What lets the session outlive its link, if it does. */
  resumption: Resumption | undefined;
  readonly #config: SessionConfig;
  readonly #datagram: boolean;
  #bodyBytesMax: number;
  readonly #throttle: Throttle | undefined;
  // When what waits because of a rate may leave.
  #heldUntil = Infinity;
  #lane: SendLane | undefined;
  #compress = false;
  #probeAt = Infinity;
  #probeMs = BLOCKED_PROBE_MS;
  // When bytes of the queue last left, or were first seen to wait.
  #progressAt: number | undefined;
  /** Whether the queue was above its high-water mark, and has not come down to half of it. */
  isCongested = false;
  /** What left so far. */
  readonly sent = { bytes: 0, packets: 0, messages: 0 };

  constructor(config: SessionConfig, now: number) {
    this.#config = config;
    this.#throttle = throttleOf(config.rates, "send", now);
    this.#datagram = config.traits.kind === "datagram";
    this.#bodyBytesMax = bodyBytesMax(config.traits.mtu);
    this.farewell = new Farewell(this.#datagram);
    this.outbox = new Outbox(this.window, this.wholeMessageBytesMax);
  }

  /** Epochs of the key, after the first. */
  get rekeys(): number {
    return this.#lane?.rekeys ?? 0;
  }

  /** The largest message that travels in one packet. */
  get wholeMessageBytesMax(): number {
    const reserved = this.#datagram ? OFFSET_BYTES_MAX : REKEY_BYTES;
    return this.#bodyBytesMax - reserved - MESSAGE_OVERHEAD_MAX;
  }

  /** How long anything has waited because of a rate. */
  heldMs(now: number): number {
    return this.#throttle?.heldMs(now) ?? 0;
  }

  /** The keys are there: packets can be sealed, within what the peer takes. */
  open(lane: SendLane, peer: Pick<Hello, "messageBytesMax" | "windowBytes">, compress: boolean): void {
    this.#lane = lane;
    this.outbox.state.messageBytesMax = peer.messageBytesMax;
    this.outbox.state.reserve = Math.floor(peer.windowBytes / WINDOW_RESERVE_SHARE);
    this.handleWindow(peer.windowBytes);
    this.#compress = compress;
  }

  /**
   * Queues a message.
   * @throws {HawserError} `packet-too-large` or `backpressure`; nothing is queued then.
   */
  push(message: Uint8Array, options: SessionSendOptions | undefined): void {
    const { state } = this.outbox;
    const bytesMax = Math.min(this.#config.limits.messageBytesMax, state.messageBytesMax);
    if (message.length > bytesMax) throw tooLarge(message.length, bytesMax, "the two sides have agreed on");
    if (options?.fragment === false && message.length > this.wholeMessageBytesMax) {
      throw tooLarge(message.length, this.wholeMessageBytesMax, "one packet of this link takes");
    }
    if (options !== undefined) checkSendOptions(options);
    this.#reserve(message.length);
    this.outbox.push(message, options);
  }

  /**
   * Queues a frame of one of the application's own types, which is never cut.
   * @throws {HawserError} `packet-too-large` or `backpressure`; nothing is queued then.
   */
  pushFrame(type: number, bytes: Uint8Array): void {
    const frame = applicationFrame(type, bytes);
    if (frame.length > this.wholeMessageBytesMax) {
      throw tooLarge(frame.length, this.wholeMessageBytesMax, "one packet of this link takes");
    }
    this.#reserve(frame.length);
    this.outbox.pushFrame(frame);
  }

  #reserve(bytes: number): void {
    const { state } = this.outbox;
    const queued = state.bytes + bytes;
    if (queued > this.#config.limits.sendQueueBytesMax) {
      throw new HawserError(
        "backpressure",
        `${queued} bytes would wait: await drained() before sending more`,
      );
    }
    if (state.messages === 0) this.#progressAt = undefined;
    this.isCongested ||= queued >= this.#config.limits.sendQueueBytesHigh;
  }

  /** Whether the queue has come down again since it was congested: `true` once. */
  takeDrained(): boolean {
    if (!this.isCongested || this.outbox.state.bytes > this.#config.limits.sendQueueBytesHigh / 2) {
      return false;
    }
    this.isCongested = false;
    return true;
  }

  /** How hard it is to send, from 0 to 1. */
  get pressure(): number {
    return this.outbox.pressureOf(this.#config.limits.sendQueueBytesHigh);
  }

  /** How large the buffer for the next packet must be; 0 if there is none. */
  get packetBytesMax(): number {
    if (this.#lane === undefined) return 0;
    const { resumption } = this;
    const again = resumption?.againBytesMax ?? 0;
    if (again > 0) return again + REKEY_BYTES + PACKET_OVERHEAD_MAX;
    if (resumption?.log.isFull === true) return 0;
    let body = this.controls.isPending || resumption?.isDue === true ? CONTROLS_BYTES_MAX : 0;
    const waiting = this.outbox.bytesMax(this.#bodyBytesMax);
    if (waiting > 0) body += waiting + OFFSET_BYTES_MAX;
    if (this.streams !== undefined) body += this.streams.controls.frameBytes;
    if (this.farewell.isDue) body += CLOSE_BYTES_MAX;
    if (body === 0) return 0;
    return Math.min(this.#bodyBytesMax, body + REKEY_BYTES + ACK_BYTES_MAX) + PACKET_OVERHEAD_MAX;
  }

  /** Seals the next packet into `target`, which has `packetBytesMax` bytes from `start` on; returns its length, or 0 if nothing can leave. */
  transmit(target: Uint8Array, start: number, now: number): number {
    const lane = this.#lane;
    if (lane === undefined) return 0;
    if (this.#datagram && lane.isRekeyDue(now)) lane.rekey(now);

    const body = this.#config.codec.plaintext;
    const { resumption } = this;
    if (resumption !== undefined) {
      const again = resumption.composeAgain(body);
      if (again > 0) return this.#seal(body, again, false, target, start, now);
      if (resumption.log.isFull) {
        if (this.outbox.isPending) this.#progressAt ??= now;
        return 0;
      }
      resumption.compose(this.controls);
    }
    const before = this.sent.messages;
    const controlsEnd = this.controls.isPending ? this.controls.compose(body, 0) : 0;
    let at = controlsEnd;
    if (this.streams !== undefined) at = this.streams.controls.compose(body, at, this.#framesEnd);
    at = this.#composeMessages(body, at, now);
    at = this.#composeClose(body, at, now);
    if (at === 0) return 0;
    if (at > controlsEnd || body[0] !== FRAME_ACK) resumption?.log.push(body, at);
    const isLong = at >= this.#config.limits.compressionBytesMin;
    const compress = this.#compress && isLong && this.outbox.isCompressible;
    const bytes = this.#seal(body, at, compress, target, start, now);
    if (this.#throttle !== undefined) {
      this.#throttle.take(bytes, this.sent.messages - before, now);
      // Queues that the rate holds are not asked again before it is time.
      if (this.outbox.isBlocked) this.#isHeld(this.#throttle, now);
    }
    return bytes;
  }

  #seal(
    body: Uint8Array,
    length: number,
    compress: boolean,
    target: Uint8Array,
    start: number,
    now: number,
  ): number {
    const lane = this.#lane!;
    const rekey = !this.#datagram && !this.farewell.isSaid && lane.isRekeyDue(now);
    if (rekey) body[length++] = FRAME_REKEY;
    const bytes = lane.seal(length, compress, target, start);
    if (rekey) lane.rekey(now);
    this.sent.packets++;
    this.sent.bytes += bytes;
    return bytes;
  }

  /** Leaves the link: nothing can leave before `enterLink`. The lane is the caller's. */
  releaseLane(): SendLane {
    const lane = this.#lane!;
    this.#lane = undefined;
    return lane;
  }

  /** Goes on over another link. */
  enterLink({ send, mtu, compress }: LinkState): void {
    this.#lane = send;
    this.#bodyBytesMax = bodyBytesMax(mtu);
    this.outbox.state.wholeBytesMax = this.wholeMessageBytesMax;
    this.#compress = compress;
  }

  /** Writes a packet of the handshake into `target` at `at`; returns its length. */
  transmitHandshake(body: Uint8Array, target: Uint8Array, at: number): number {
    const packet = this.#config.codec.writePacket(FLAG_HANDSHAKE, body);
    target.set(packet, at);
    this.sent.packets++;
    this.sent.bytes += packet.length;
    return packet.length;
  }

  /** The peer took something. */
  handleWindow(limit: number): void {
    if (!this.window.handleLimit(limit)) return;
    this.#probeAt = Infinity;
    this.#probeMs = BLOCKED_PROBE_MS;
    this.outbox.unblock();
  }

  /** Where it stands; `undefined` while anything waits to leave. */
  freeze(): OutgoingSnapshot | undefined {
    const send = this.#lane?.freeze();
    const { fragmentId, messageBytesMax, messages, reserve } = this.outbox.state;
    if (send === undefined || this.packetBytesMax > 0 || messages > 0) return undefined;
    const { offset, limit } = this.window;
    const streams = this.streams?.freeze();
    if (this.streams !== undefined && streams === undefined) return undefined;
    return { send, sendWindow: { offset, limit, reserve }, messageBytesMax, fragmentId, streams };
  }

  /** Goes on where another stood. */
  thaw(lane: SendLane, from: OutgoingSnapshot, compress: boolean): void {
    this.window.offset = from.sendWindow.offset;
    this.open(lane, { messageBytesMax: from.messageBytesMax, windowBytes: from.sendWindow.limit }, compress);
    this.outbox.state.fragmentId = from.fragmentId;
    this.outbox.state.reserve = from.sendWindow.reserve;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    const write = this.outbox.state.messages > 0 ? this.#writeDeadline() : Infinity;
    return Math.min(
      this.#probeAt,
      write,
      this.farewell.deadline(),
      this.outbox.deadline(),
      this.resumption?.deadline() ?? Infinity,
      this.streams?.deadline() ?? Infinity,
      this.#heldUntil,
    );
  }

  /**
   * Asks for a lost WINDOW, says CLOSE again over datagrams.
   * @throws {HawserError} `timeout` when nothing of the queue has left for too long.
   */
  handleTimeout(now: number): void {
    this.outbox.handleTimeout(now);
    this.resumption?.handleTimeout(now);
    this.streams?.handleTimeout(now);
    if (now >= this.#heldUntil) {
      this.#heldUntil = Infinity;
      this.outbox.unblock();
    }
    if (now >= this.#probeAt) {
      this.controls.blocked = this.window.offset;
      this.#probeMs = Math.min(PROBE_MS_MAX, this.#probeMs * 2);
      this.#probeAt = now + this.#probeMs;
    }
    this.farewell.handleTimeout(now);
    if (this.outbox.state.messages > 0 && now >= this.#writeDeadline()) {
      throw new HawserError(
        "timeout",
        "the peer has not taken a byte of the queued messages within writeMsMax",
      );
    }
  }

  /** Wipes the keys; nothing can leave any more, or before `enterLink`. */
  dispose(): void {
    this.#lane?.dispose();
    this.#lane = undefined;
    this.#probeAt = Infinity;
    // What waits for a link does not wait for the peer.
    this.#progressAt = undefined;
    this.controls.clear();
  }

  #composeMessages(body: Uint8Array, start: number, now: number): number {
    if (!this.outbox.isPending) return start;
    this.#progressAt ??= now;
    if (this.#throttle !== undefined && this.#isHeld(this.#throttle, now)) return start;
    const offset = this.window.offset;
    let at = start;
    if (this.#datagram) {
      if (this.window.room <= DATAGRAM_COST_BYTES + FRAME_COST_BYTES) return this.#handleBlocked(start, now);
      at = writeNumberFrame(body, at, FRAME_OFFSET, offset);
      this.window.offset += DATAGRAM_COST_BYTES;
    }
    const behind = this.outbox.compose(body, at, this.#framesEnd, now);
    // Of those that wait for the window nobody asks again before it opens.
    if (this.outbox.isBlocked) this.#handleBlocked(start, now);
    if (behind === at) {
      this.window.offset = offset;
      return start === 0 ? this.#handleBlocked(start, now) : start;
    }
    this.sent.messages = this.outbox.state.sent;
    this.#progressAt = now;
    return behind;
  }

  get #framesEnd(): number {
    return this.#bodyBytesMax - (this.#datagram ? 0 : REKEY_BYTES);
  }

  /** Whether nothing may leave now because of a rate; messages alone are held by their queues. */
  #isHeld(throttle: Throttle, now: number): boolean {
    const count = throttle.messages(now);
    const isOwed = now < throttle.paidAt();
    const isHeld = isOwed || count === 0;
    throttle.hold(isHeld, now);
    this.outbox.state.sentMax = this.outbox.state.sent + count;
    const until = Math.max(throttle.paidAt(), throttle.messagesReadyAt(), now + HELD_MS_MIN);
    this.#heldUntil = isHeld ? until : Infinity;
    // It is not the peer's fault.
    if (isHeld) this.#progressAt = until;
    return isOwed;
  }

  #writeDeadline(): number {
    return (this.#progressAt ?? Infinity) + this.#config.limits.writeMsMax;
  }

  // On ordered lanes no WINDOW is lost, so there is nothing to ask for.
  #handleBlocked(start: number, now: number): number {
    const isWaiting = this.#probeAt !== Infinity || this.#heldUntil !== Infinity;
    if (this.#datagram && !isWaiting) this.#probeAt = now + this.#probeMs;
    return start;
  }

  // Nothing follows it, so it waits for all that does.
  #composeClose(body: Uint8Array, at: number, now: number): number {
    const { farewell, outbox, streams } = this;
    const isWaiting = outbox.state.messages > 0 || outbox.isPending || streams?.isFlushing === true;
    if (!farewell.isDue || isWaiting || at + CLOSE_BYTES_MAX > this.#bodyBytesMax) return at;
    return farewell.compose(body, at, now);
  }
}

function tooLarge(length: number, max: number, what: string): HawserError {
  return new HawserError("packet-too-large", `a message of ${length} bytes is over the ${max} that ${what}`);
}

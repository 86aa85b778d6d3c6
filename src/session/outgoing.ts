/**
 * The way out: what waits becomes frames, frames become the body of a packet, the body is sealed.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import {
  BLOCKED_PROBE_MS,
  BODY_BYTES_MAX,
  CLOSE_REASON_BYTES_MAX,
  DATAGRAM_COST_BYTES,
  FRAME_COST_BYTES,
  HANDSHAKE_RETRANSMIT_MS,
  PACKET_OVERHEAD_MAX,
} from "../limits.ts";
import {
  FRAGMENT_OVERHEAD_MAX,
  FRAME_OFFSET,
  FRAME_REKEY,
  MESSAGE_OVERHEAD_MAX,
  writeClose,
  writeNumberFrame,
} from "../wire/frames.ts";
import { FLAG_HANDSHAKE } from "../wire/header.ts";
import type { Hello } from "../wire/hello.ts";
import type { SendOptions, SessionConfig } from "./config.ts";
import { Controls, CONTROLS_BYTES_MAX } from "./controls.ts";
import { SendWindow } from "./flow.ts";
import type { SendLane } from "./lanes.ts";
import { SendQueue } from "./send_queue.ts";
import type { OutgoingSnapshot } from "./snapshot.ts";

const CLOSE_BYTES_MAX = 16 + CLOSE_REASON_BYTES_MAX;
const REKEY_BYTES = 1;
const OFFSET_BYTES_MAX = 9;
const PROBE_MS_MAX = 1_000;
// Over datagrams; whoever answered the first may be gone when the second comes.
const CLOSES_MAX = 4;

/** The sending half of a session, from the opening of its lane on. */
export class Outgoing {
  /** What is to be said beside messages. */
  readonly controls: Controls = new Controls();
  /** The messages. */
  readonly queue: SendQueue = new SendQueue();
  /** What the peer lets us send. */
  readonly window: SendWindow = new SendWindow(0);
  readonly #config: SessionConfig;
  readonly #datagram: boolean;
  readonly #bodyBytesMax: number;
  #lane: SendLane | undefined;
  #compress = false;
  #peerMessageBytesMax = 0;
  #close: { readonly code: number; readonly reason: Uint8Array } | undefined;
  #closeSentAt: number | undefined;
  #closesSent = 0;
  #probeAt = Infinity;
  #probeMs = BLOCKED_PROBE_MS;
  // When bytes of the queue last left, or were first seen to wait.
  #progressAt: number | undefined;
  /** What left so far. */
  readonly sent = { bytes: 0, packets: 0, messages: 0 };

  constructor(config: SessionConfig) {
    this.#config = config;
    this.#datagram = config.traits.kind === "datagram";
    const mtu = config.traits.mtu ?? Infinity;
    this.#bodyBytesMax = Math.min(BODY_BYTES_MAX, mtu - PACKET_OVERHEAD_MAX);
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

  /** Whether CLOSE has left. */
  get isCloseSent(): boolean {
    return this.#closeSentAt !== undefined;
  }

  /** Whether CLOSE was said over datagrams so often that its answer must have been lost, not the CLOSE. */
  get isCloseExhausted(): boolean {
    return this.#closesSent >= CLOSES_MAX;
  }

  /** The keys are there: packets can be sealed, within what the peer takes. */
  open(lane: SendLane, peer: Pick<Hello, "messageBytesMax" | "windowBytes">, compress: boolean): void {
    this.#lane = lane;
    this.#peerMessageBytesMax = peer.messageBytesMax;
    this.handleWindow(peer.windowBytes);
    // A smaller datagram is one datagram all the same.
    this.#compress = compress && !this.#datagram;
  }

  /**
   * Queues a message.
   * @throws {HawserError} `packet-too-large` or `backpressure`; nothing is queued then.
   */
  push(message: Uint8Array, options: SendOptions | undefined): void {
    const { messageBytesMax, sendQueueBytesMax } = this.#config.limits;
    const bytesMax = Math.min(messageBytesMax, this.#peerMessageBytesMax);
    if (message.length > bytesMax) throw tooLarge(message.length, bytesMax, "the two sides have agreed on");
    if (options?.fragment === false && message.length > this.wholeMessageBytesMax) {
      throw tooLarge(message.length, this.wholeMessageBytesMax, "one packet of this link takes");
    }
    const queued = this.queue.bytes + message.length;
    if (queued > sendQueueBytesMax) {
      throw new HawserError(
        "backpressure",
        `${queued} bytes would wait: await drained() before sending more`,
      );
    }
    if (this.queue.messages === 0) this.#progressAt = undefined;
    this.queue.push(message, options?.compress !== false);
  }

  /** Says CLOSE once the queue is empty. */
  close(code: number, reason: string): void {
    this.#close ??= { code, reason: closeReason(reason) };
  }

  /** How large the buffer for the next packet must be; 0 if there is none. */
  get packetBytesMax(): number {
    if (this.#lane === undefined) return 0;
    const { bytes, messages } = this.queue;
    let body = this.controls.isPending ? CONTROLS_BYTES_MAX : 0;
    if (messages > 0) {
      body += bytes + messages * MESSAGE_OVERHEAD_MAX + FRAGMENT_OVERHEAD_MAX + OFFSET_BYTES_MAX;
    }
    if (this.#close !== undefined && !this.isCloseSent) body += CLOSE_BYTES_MAX;
    if (body === 0) return 0;
    return Math.min(this.#bodyBytesMax, body + REKEY_BYTES) + PACKET_OVERHEAD_MAX;
  }

  /** Seals the next packet into `target`, which has `packetBytesMax` bytes from `start` on; returns its length, or 0 if nothing can leave. */
  transmit(target: Uint8Array, start: number, now: number): number {
    const lane = this.#lane;
    if (lane === undefined) return 0;
    if (this.#datagram && lane.isRekeyDue(now)) lane.rekey(now);

    const body = this.#config.codec.plaintext;
    const compress = this.#compress && this.queue.isCompressible;
    let at = this.controls.isPending ? this.controls.compose(body, 0) : 0;
    at = this.#composeMessages(body, at, now);
    at = this.#composeClose(body, at, now);
    if (at === 0) return 0;
    const rekey = !this.#datagram && !this.isCloseSent && lane.isRekeyDue(now);
    if (rekey) body[at++] = FRAME_REKEY;

    const bytes = lane.seal(at, compress, target, start);
    if (rekey) lane.rekey(now);
    this.sent.packets++;
    this.sent.bytes += bytes;
    return bytes;
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
  }

  /** Where it stands; `undefined` while anything waits to leave. */
  freeze(): OutgoingSnapshot | undefined {
    const send = this.#lane?.freeze();
    if (send === undefined || this.packetBytesMax > 0) return undefined;
    const { offset, limit } = this.window;
    const { fragmentId } = this.queue;
    return { send, sendWindow: { offset, limit }, messageBytesMax: this.#peerMessageBytesMax, fragmentId };
  }

  /** Goes on where another stood. */
  thaw(lane: SendLane, from: OutgoingSnapshot, compress: boolean): void {
    this.window.offset = from.sendWindow.offset;
    this.queue.fragmentId = from.fragmentId;
    this.open(lane, { messageBytesMax: from.messageBytesMax, windowBytes: from.sendWindow.limit }, compress);
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    const write = this.queue.messages > 0 ? this.#writeDeadline() : Infinity;
    const close = this.#datagram && this.#closeSentAt !== undefined
      ? this.#closeSentAt + HANDSHAKE_RETRANSMIT_MS
      : Infinity;
    return Math.min(this.#probeAt, write, close);
  }

  /**
   * Asks for a lost WINDOW, says CLOSE again over datagrams.
   * @throws {HawserError} `timeout` when nothing of the queue has left for too long.
   */
  handleTimeout(now: number): void {
    if (now >= this.#probeAt) {
      this.controls.blocked = this.window.offset;
      this.#probeMs = Math.min(PROBE_MS_MAX, this.#probeMs * 2);
      this.#probeAt = now + this.#probeMs;
    }
    if (
      this.#datagram && this.#closeSentAt !== undefined && now >= this.#closeSentAt + HANDSHAKE_RETRANSMIT_MS
    ) {
      this.#closeSentAt = undefined;
    }
    if (this.queue.messages > 0 && now >= this.#writeDeadline()) {
      throw new HawserError(
        "timeout",
        "the peer has not taken a byte of the queued messages within writeMsMax",
      );
    }
  }

  /** Wipes the keys; nothing can leave any more. */
  dispose(): void {
    this.#lane?.dispose();
    this.#lane = undefined;
    this.#probeAt = Infinity;
    this.controls.clear();
  }

  #composeMessages(body: Uint8Array, start: number, now: number): number {
    const before = this.queue.messages;
    if (before === 0) return start;
    this.#progressAt ??= now;
    const offset = this.window.offset;
    let at = start;
    if (this.#datagram) {
      if (this.window.room <= DATAGRAM_COST_BYTES + FRAME_COST_BYTES) return this.#handleBlocked(start, now);
      at = writeNumberFrame(body, at, FRAME_OFFSET, offset);
      this.window.offset += DATAGRAM_COST_BYTES;
    }
    const end = this.#bodyBytesMax - (this.#datagram ? 0 : REKEY_BYTES);
    const behind = this.queue.compose(body, at, end, this.window, this.wholeMessageBytesMax);
    if (behind === at) {
      this.window.offset = offset;
      return start === 0 ? this.#handleBlocked(start, now) : start;
    }
    this.sent.messages += before - this.queue.messages;
    this.#progressAt = now;
    return behind;
  }

  #writeDeadline(): number {
    return (this.#progressAt ?? Infinity) + this.#config.limits.writeMsMax;
  }

  // On ordered lanes no WINDOW is lost, so there is nothing to ask for.
  #handleBlocked(start: number, now: number): number {
    if (this.#datagram && this.#probeAt === Infinity) this.#probeAt = now + this.#probeMs;
    return start;
  }

  #composeClose(body: Uint8Array, at: number, now: number): number {
    const close = this.#close;
    const fits = at + CLOSE_BYTES_MAX <= this.#bodyBytesMax;
    if (close === undefined || this.isCloseSent || this.queue.messages > 0 || !fits) return at;
    this.#closeSentAt = now;
    this.#closesSent++;
    return writeClose(body, at, close.code, close.reason);
  }
}

/** The bytes of a reason: what fits, without cutting a character. */
function closeReason(reason: string): Uint8Array {
  const bytes = new Uint8Array(CLOSE_REASON_BYTES_MAX);
  return bytes.subarray(0, new TextEncoder().encodeInto(reason, bytes).written);
}

function tooLarge(length: number, max: number, what: string): HawserError {
  return new HawserError("packet-too-large", `a message of ${length} bytes is over the ${max} that ${what}`);
}

/**
 * One QUIC connection on Node: quiche, which knows neither sockets nor clocks, and what drives it.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { HawserError } from "../../errors.ts";
import { LINK_CLOSE_MS_MAX, LINK_READ_BYTES_MAX, SLAB_BYTES } from "../../limits.ts";
import { QUIC_PACKET_BYTES_MAX } from "../../quic_limits.ts";
import { nextTurn } from "../turn.ts";
import type { QuicConnection, QuicHandler, QuicStream } from "./connection.ts";
import { QuicFailure } from "./failure.ts";
import type { Connection } from "./node_quiche.ts";

/** Where a datagram came from or goes to. */
export interface NodePlace {
  readonly host: string;
  readonly port: number;
}

/** What a connection is made of. */
export interface NodeConnectionParts {
  readonly quiche: Connection;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Whether we dialled. */
  readonly dialled: boolean;
  /** After how much silence to ask the peer for a sign of life. */
  readonly keepAliveMs: number;
  /** Sends a datagram, which is the callee's from now on. */
  transmit(bytes: Uint8Array, to: NodePlace): void;
  /** Hears when the connection has ended, and nothing keeps the program running for it. */
  onEnding(): void;
  /** Hears when the peer has surely heard of that, and the socket is not needed any more. */
  onGone(): void;
}

// What is read is delivered at once, so all connections share it.
const scratch = new Uint8Array(LINK_READ_BYTES_MAX);

// Enough to say goodbye in each of the three packet number spaces, and once more.
const LAST_PACKETS_MAX = 4;

// Packets on their way out are cut from this one after the other.
let slab = new Uint8Array(SLAB_BYTES);

/** A connection; `receive` feeds it. */
export class NodeConnection implements QuicConnection {
  readonly localAddress: string;
  readonly remoteAddress: string;
  handler: QuicHandler = NOBODY;
  /** Kept when the handshake is complete; rejects if it never will be. */
  readonly opened: Promise<void>;
  readonly #opening: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #parts: NodeConnectionParts;
  readonly #quiche: Connection;
  readonly #streams = new Map<number, NodeStream>();
  #nextStream: number;
  #nextPeerStream: number;
  #state: "opening" | "open" | "ending" | "gone" = "opening";
  #isFlushDue = false;
  // Datagrams were received, and what they brought was not looked at yet: once per turn is enough.
  #hasNews = false;
  #timer: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;

  constructor(parts: NodeConnectionParts) {
    this.#parts = parts;
    this.#quiche = parts.quiche;
    this.localAddress = parts.localAddress;
    this.remoteAddress = parts.remoteAddress;
    // RFC 9000 §2.1: the lowest bit says who opened a stream.
    this.#nextStream = parts.dialled ? 0 : 1;
    this.#nextPeerStream = parts.dialled ? 1 : 0;
    this.opened = this.#opening.promise;
    this.opened.catch(() => {});
    this.flushSoon();
  }

  /** The certificate that the peer showed. */
  get certificate(): X509Certificate | undefined {
    const der = this.#quiche.peerCertChain()?.[0];
    return der === undefined ? undefined : new X509Certificate(der);
  }

  get datagramBytesMax(): number {
    return this.#quiche.dgramMaxWritableLen() ?? 0;
  }

  /** A datagram came; quiche decrypts it in place. */
  receive(bytes: Uint8Array, from: NodePlace, to: NodePlace): void {
    if (this.#state === "gone") return;
    try {
      this.#quiche.recv(bytes, { from, to });
    } catch {
      // What is wrong with it ends the connection where it must, and is told by its state.
    }
    this.#hasNews = true;
    this.flushSoon();
  }

  // deno-lint-ignore require-await -- what throws must reject
  async openStream(): Promise<QuicStream> {
    if (this.#quiche.peerStreamsLeftBidi() === 0) {
      throw new HawserError("limit", `${this.remoteAddress} allows no more streams for now; close one first`);
    }
    const id = this.#nextStream;
    this.#nextStream += 4;
    // quiche counts a stream from its first write on, and others may be opened in the same turn.
    this.#quiche.streamSend(id, new Uint8Array(0), false);
    return this.#add(id);
  }

  sendDatagram(bytes: Uint8Array): boolean {
    if (this.#quiche.isDgramSendQueueFull()) return false;
    this.#quiche.dgramSend(bytes);
    this.flushSoon();
    return true;
  }

  close(code: bigint): void {
    if (this.#state === "gone" || this.#state === "ending") return;
    this.#quiche.close(true, Number(code), new Uint8Array(0));
    this.#tell();
    this.flushSoon();
  }

  /** Something is to be sent, once this turn has said all that it has to say. */
  flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    nextTurn(() => {
      this.#isFlushDue = false;
      if (this.#state === "gone") return;
      if (this.#hasNews) this.#process();
      this.#flush();
    });
  }

  #process(): void {
    this.#hasNews = false;
    if (this.#state === "opening" && this.#quiche.isEstablished()) {
      this.#state = "open";
      this.#opening.resolve();
      const { keepAliveMs } = this.#parts;
      if (keepAliveMs !== Infinity) this.#keepAlive = setInterval(() => this.#ask(), keepAliveMs);
    }
    if (this.#state === "open") {
      for (const id of this.#quiche.readable()) this.#onReadable(id);
      for (const id of this.#quiche.writable()) this.#streams.get(id)?.onWritable();
      for (let bytes = this.#quiche.dgramRecvVec(); bytes !== null; bytes = this.#quiche.dgramRecvVec()) {
        this.handler.onDatagram(bytes);
      }
    }
    this.#lookAtEnd();
  }

  #onReadable(id: number): void {
    // With a stream its peer opens all of that kind with lower numbers (RFC 9000 §3.2). What is not known of these was
    // given up.
    const isPeers = (id & 1) !== (this.#parts.dialled ? 0 : 1);
    while (isPeers && this.#nextPeerStream <= id) {
      const next = this.#nextPeerStream;
      this.#nextPeerStream += 4;
      this.handler.onStream(this.#add(next));
    }
    this.#streams.get(id)?.onReadable();
  }

  #add(id: number): NodeStream {
    const stream = new NodeStream(this.#quiche, id, () => this.flushSoon(), () => this.#streams.delete(id));
    this.#streams.set(id, stream);
    return stream;
  }

  #ask(): void {
    this.#quiche.sendAckEliciting();
    this.flushSoon();
  }

  #flush(): void {
    if (this.#state === "gone") return;
    // quiche was seen to send probes for ever on a connection that it was told to close.
    let left = this.#state === "ending" ? LAST_PACKETS_MAX : Infinity;
    while (left-- > 0) {
      if (slab.length < QUIC_PACKET_BYTES_MAX) slab = new Uint8Array(SLAB_BYTES);
      const sent = this.#quiche.send(slab.subarray(0, QUIC_PACKET_BYTES_MAX));
      if (sent === null) break;
      this.#parts.transmit(slab.subarray(0, sent[0]), sent[1].to);
      slab = slab.subarray(sent[0]);
    }
    this.#lookAtEnd();
    clearTimeout(this.#timer);
    const ms = this.#quiche.timeout();
    if (ms === null || this.#quiche.isClosed()) return;
    const timer = setTimeout(() => this.#onTimeout(), Math.ceil(ms));
    if (this.#state === "ending") timer.unref();
    this.#timer = timer;
  }

  #onTimeout(): void {
    this.#quiche.onTimeout();
    this.#process();
    this.#flush();
  }

  // Its user hears of the end at once. What the peer still sends is answered for a while (RFC 9000 §10.2).
  #lookAtEnd(): void {
    if (this.#quiche.isClosed() || this.#quiche.isDraining()) this.#tell();
    if (this.#quiche.isClosed()) this.#leave();
  }

  #leave(): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    clearTimeout(this.#timer);
    clearTimeout(this.#linger);
    this.#parts.onGone();
  }

  #tell(): void {
    if (this.#state === "ending" || this.#state === "gone") return;
    this.#state = "ending";
    clearInterval(this.#keepAlive);
    const cause = this.#cause();
    this.#opening.reject(cause);
    for (const stream of [...this.#streams.values()]) stream.onEnd(cause);
    this.handler.onClose(cause);
    this.#parts.onEnding();
    this.#linger = setTimeout(() => this.#leave(), LINK_CLOSE_MS_MAX).unref();
  }

  #cause(): QuicFailure {
    if (this.#quiche.isTimedOut()) return new QuicFailure({ timeout: true }, "idle timeout");
    const byPeer = this.#quiche.peerError();
    const error = byPeer ?? this.#quiche.localError();
    if (error === null) return new QuicFailure({}, "the connection is gone");
    const { isApp, errorCode, reason } = error;
    const words = new TextDecoder().decode(reason) || `QUIC error ${errorCode}`;
    if (isApp) return new QuicFailure({ application: BigInt(errorCode) }, words);
    const alert = errorCode - 0x100;
    if (alert >= 0 && alert < 0x100) return new QuicFailure({ alert, byPeer: byPeer !== null }, words);
    return new QuicFailure({ refused: errorCode === 2 }, words);
  }
}

/** One stream. */
class NodeStream implements QuicStream {
  readonly #quiche: Connection;
  readonly #id: number;
  readonly #flushSoon: () => void;
  readonly #forget: () => void;
  #readable: (() => void) | undefined;
  #writable: (() => void) | undefined;
  #end: QuicFailure | undefined;

  constructor(quiche: Connection, id: number, flushSoon: () => void, forget: () => void) {
    this.#quiche = quiche;
    this.#id = id;
    this.#flushSoon = flushSoon;
    this.#forget = forget;
  }

  /** There is something to read, or the end of it. */
  onReadable(): void {
    this.#readable?.();
  }

  /** There is room. */
  onWritable(): void {
    this.#writable?.();
  }

  /** The connection is gone. */
  onEnd(cause: QuicFailure): void {
    this.#end = cause;
    this.#readable?.();
    this.#writable?.();
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const count = this.#writeSome(bytes);
    if (count < bytes.length) return this.#writeRest(bytes.subarray(count));
  }

  end(): void {
    if (this.#end === undefined) this.#writeLast();
  }

  reset(): void {
    this.#forget();
    if (this.#end !== undefined) return;
    for (const direction of [0, 1]) {
      try {
        this.#quiche.streamShutdown(this.#id, direction, 0);
      } catch {
        // That direction is done already.
      }
    }
    this.#flushSoon();
  }

  async read(deliver: (bytes: Uint8Array) => void): Promise<boolean> {
    while (true) {
      if (this.#end !== undefined) throw this.#end;
      const found = this.#quiche.streamReadable(this.#id) ? this.#quiche.streamRecv(this.#id, scratch) : null;
      if (found !== null) {
        const [count, isLast] = found;
        this.#flushSoon(); // The peer gets room for as much.
        if (count > 0) deliver(scratch.subarray(0, count));
        return !isLast;
      }
      await new Promise<void>((resolve) => this.#readable = resolve);
    }
  }

  async #writeRest(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      await new Promise<void>((resolve) => this.#writable = resolve);
      rest = rest.subarray(this.#writeSome(rest));
    }
  }

  #writeSome(bytes: Uint8Array): number {
    if (this.#end !== undefined) throw this.#end;
    const count = this.#quiche.streamSend(this.#id, bytes, false) ?? 0;
    this.#flushSoon();
    return count;
  }

  #writeLast(): void {
    try {
      this.#quiche.streamSend(this.#id, new Uint8Array(0), true);
      this.#flushSoon();
    } catch {
      // The peer wants no more.
    }
  }
}

const NOBODY: QuicHandler = {
  onStream: (stream) => stream.reset(),
  onDatagram() {},
  onClose() {},
};

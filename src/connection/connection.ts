/**
 * What the user holds: a session, the link it has, and the promises around them.
 *
 * @module
 */

import { Deferred } from "../deferred.ts";
import { HawserError } from "../errors.ts";
import { SLAB_BYTES } from "../limits.ts";
import type { Link, LinkTraits } from "../link.ts";
import {
  CLOSE_APPLICATION,
  CLOSE_NORMAL,
  type CloseInfo,
  type Peer,
  type SendOptions,
  type SessionConfig,
  type SessionSnapshot,
  type SessionStats,
  Slab,
} from "../session/mod.ts";
import { now } from "./clock.ts";
import { Pump, type PumpHandler } from "./pump.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

export type {
  CloseInfo,
  DirectionStats,
  FlowStats,
  Peer,
  SendOptions,
  SessionStats,
  Version,
} from "../session/mod.ts";

const slab = new Slab(SLAB_BYTES);
const DIRECT_BYTES_MIN = 16 * 1024;

/** How to end a connection. */
export interface CloseOptions {
  /** 0 (the default) for an orderly end, or one of the application's own codes, from 256 to 2^30 - 1. */
  code?: number;
  /** A short reason for the peer; what is over 123 bytes of UTF-8 is cut off. */
  reason?: string;
}

/** What a connection has counted, and where it stands. */
export interface ConnectionStats extends SessionStats {
  /** Where this end is. */
  readonly localAddress: string;
  /** Where the other end is. */
  readonly remoteAddress: string;
}

/** What `connect` and `listen` make connections with. */
export interface ConnectionParts {
  readonly link: Link;
  readonly config: Omit<SessionConfig, "traits">;
  /** Decides whether a peer that has proved its identity is welcome. */
  readonly decide: (peer: Peer) => boolean | Promise<boolean>;
  /** What was frozen, and goes on over this link: then there is no handshake, and nothing to decide. */
  readonly snapshot?: SessionSnapshot;
  /** Hears when the connection has ended. */
  readonly onClosed?: (connection: Connection) => void;
  /** Hears whenever nothing more can be done before something happens: what `freeze` then says holds until that. */
  readonly onSettled?: (connection: Connection) => void;
}

/**
 * One encrypted, authenticated conversation.
 *
 * Messages that arrive wait, up to the window, until they are taken: by a
 * handler (`onMessage`), by `receive`, or by `for await`. Use one of them.
 *
 * A small message is a view of a buffer that it shares with others: copy it before you transfer it, or keep it for long.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen(["mem://connection-example"]);
 * server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * await using connection = await connect([server.urls[0]]);
 * connection.send(new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(await connection.receive())); // hello
 * ```
 */
export class Connection implements AsyncDisposable, AsyncIterable<Uint8Array> {
  readonly #pump: Pump;
  readonly #decide: (peer: Peer) => boolean | Promise<boolean>;
  readonly #onClosed: ((connection: Connection) => void) | undefined;
  readonly #onSettled: ((connection: Connection) => void) | undefined;
  readonly #open: Waiters<void> = new Waiters("the handshake");
  readonly #received: Waiters<Uint8Array> = new Waiters("a message");
  readonly #drained: Waiters<void> = new Waiters("room in the send queue");
  #pongs: Map<number, Waiters<number>> | undefined;
  readonly #closed: Deferred<CloseInfo> = new Deferred();
  #handler: ((message: Uint8Array) => void) | undefined;
  #info: CloseInfo | undefined;
  #isOpen = false;

  // Sees what is private, and is smaller than a closure for each of its methods: idle connections are many.
  static readonly #Handler = class implements PumpHandler {
    readonly #of: Connection;

    constructor(connection: Connection) {
      this.#of = connection;
    }

    handlePeer(peer: Peer): boolean | Promise<boolean> {
      return this.#of.#decide(peer);
    }

    handleOpen(): void {
      this.#of.#isOpen = true;
      this.#of.#open.resolveAll();
    }

    handleMessages(): void {
      this.#of.#handleMessages();
    }

    handleDrained(): void {
      this.#of.#drained.resolveAll();
    }

    handlePong(token: number, roundTripMs: number): void {
      this.#of.#handlePong(token, roundTripMs);
    }

    handleClosed(info: CloseInfo): void {
      this.#of.#handleClosed(info);
    }

    handleSettled(): void {
      this.#of.#onSettled?.(this.#of);
    }
  };

  /** @ignore Connections come from `connect` and `listen`. */
  constructor(parts: ConnectionParts) {
    this.#decide = parts.decide;
    this.#onClosed = parts.onClosed;
    this.#onSettled = parts.onSettled;
    this.#pump = new Pump(parts.link, parts.config, new Connection.#Handler(this), parts.snapshot);
  }

  /** The peer, as the handshake proved it. */
  get peer(): Peer {
    const { peer } = this.#pump.session;
    if (peer === undefined) throw new HawserError("closed", "the handshake has not proved a peer yet");
    return peer;
  }

  /** What the link is: kind, reliable, ordered, MTU, its own encryption, native streams. */
  get traits(): LinkTraits {
    return this.#pump.link.traits;
  }

  /** Where this end is, as a URL. */
  get localAddress(): string {
    return this.#pump.link.localAddress;
  }

  /** Where the other end is, as a URL. */
  get remoteAddress(): string {
    return this.#pump.link.remoteAddress;
  }

  /** Bytes that `send` accepted and that have not left. */
  get queuedBytes(): number {
    return this.#pump.session.queuedBytes;
  }

  /** The largest message that travels in one packet of this link: over datagrams, what is not cut. */
  get wholeMessageBytesMax(): number {
    return this.#pump.session.wholeMessageBytesMax;
  }

  /** Resolves, and never rejects, when the connection has ended, whoever ended it. */
  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  /**
   * Sends a message of up to `messageBytesMax` bytes, which are copied. Returns `false` when the queue is above its
   * high-water mark: the message is accepted all the same, but `await drained()` before the next.
   *
   * @throws {HawserError} `closed`; `packet-too-large` for a message over what the peer takes, or over one packet
   * with `fragment: false`; `backpressure` when `sendQueueBytesMax` is reached. Nothing is sent then.
   */
  send(message: Uint8Array, options?: SendOptions): boolean {
    if (!(message instanceof Uint8Array)) {
      throw new TypeError("send takes a Uint8Array: encode text and objects first");
    }
    if (this.#info !== undefined) throw this.#closedError(this.#info);
    if (message.length >= DIRECT_BYTES_MIN) return this.#sendDirect(message, options);
    const hasRoom = this.#pump.session.send(slab.copy(message), options);
    this.#pump.wake();
    return hasRoom;
  }

  // A large message gains nothing by waiting for others: what can leave at once is sealed straight from the caller's
  // bytes, and only what cannot is copied.
  #sendDirect(message: Uint8Array, options: SendOptions | undefined): boolean {
    const { session } = this.#pump;
    session.send(message, options);
    this.#pump.flush();
    session.keepLast(() => new Uint8Array(message));
    this.#pump.wake();
    return !session.isCongested;
  }

  /**
   * Resolves when `send` returns `true` again; at once if it would now.
   * @throws {HawserError} `closed`, or `timeout` with `timeoutMs`.
   */
  async drained(options?: WaitOptions): Promise<void> {
    if (this.#info !== undefined) throw this.#closedError(this.#info);
    if (this.#pump.session.isCongested) await this.#drained.wait(options);
  }

  /**
   * The next message. Messages that arrived before the end can still be taken after it.
   * @throws {HawserError} `closed` when there will be none, or `timeout` with `timeoutMs`.
   */
  receive(options?: WaitOptions): Promise<Uint8Array> {
    const message = this.#received.size === 0 ? this.#take() : undefined;
    if (message !== undefined) return Promise.resolve(message);
    if (this.#info !== undefined) return Promise.reject(this.#closedError(this.#info));
    return this.#received.wait(options);
  }

  /** The messages until the end. Throws what ended the connection, if that was a failure. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (true) {
      const message = this.#take();
      if (message !== undefined) {
        yield message;
        continue;
      }
      if (this.#info?.error !== undefined) throw this.#info.error;
      if (this.#info !== undefined) return;
      try {
        yield await this.#received.wait();
      } catch (error) {
        if (this.#failure() !== undefined) throw error;
        return;
      }
    }
  }

  /**
   * Calls `handler` with each message as it arrives: the fastest way. A handler that throws ends the connection.
   * `undefined` takes the handler away, and messages wait again.
   */
  onMessage(handler: ((message: Uint8Array) => void) | undefined): void {
    this.#handler = handler;
    this.#pump.wake();
  }

  /** Measures one round trip, in milliseconds. Over datagrams a ping may be lost: give `timeoutMs`. */
  ping(options?: WaitOptions): Promise<number> {
    if (this.#info !== undefined) return Promise.reject(this.#closedError(this.#info));
    const token = this.#pump.session.ping(now());
    const waiters = new Waiters<number>("the answer to a ping");
    const pongs = this.#pongs ??= new Map();
    pongs.set(token, waiters);
    this.#pump.wake();
    return waiters.wait(options).finally(() => pongs.delete(token));
  }

  /** What was counted so far. */
  stats(): ConnectionStats {
    const { localAddress, remoteAddress } = this;
    return { ...this.#pump.session.stats(now()), localAddress, remoteAddress };
  }

  /**
   * Ends the connection in order: what is queued goes out, the peer is told code and reason, and the link closes. Resolves
   * when all is gone, with what came of it. Safe to call twice.
   * @throws {RangeError} for a code that is not the application's.
   */
  async close(options: CloseOptions = {}): Promise<CloseInfo> {
    const { code = CLOSE_NORMAL, reason = "" } = options;
    const isOwn = Number.isInteger(code) && code >= CLOSE_APPLICATION && code < 2 ** 30;
    if (code !== CLOSE_NORMAL && !isOwn) {
      throw new RangeError(`a close code is 0, or from 256 to 2^30 - 1, not ${code}`);
    }
    return await this.closeWith(code, reason);
  }

  /** Closes in order: `await using` calls it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeWith(CLOSE_NORMAL, "");
  }

  /** Ends the connection at once; what is queued is lost. Safe to call twice. */
  async abort(reason = "aborted by the application"): Promise<CloseInfo> {
    this.#handler = undefined;
    this.#pump.abort(new HawserError("closed", reason));
    const info = await this.#closed.promise;
    await this.#pump.ended;
    return info;
  }

  /** @ignore Closes with any code: for listeners. */
  async closeWith(code: number, reason: string): Promise<CloseInfo> {
    this.#pump.session.close(code, reason, now());
    this.#pump.wake();
    const info = await this.#closed.promise;
    await this.#pump.ended;
    return info;
  }

  /** @ignore Starts the handshake, and resolves when messages may flow: for `connect` and `listen`. */
  async start(signal?: AbortSignal): Promise<void> {
    this.#pump.start();
    try {
      await this.#open.wait({ signal });
    } catch (error) {
      await this.abort("the connection was given up before it was open");
      throw error;
    }
  }

  /** @ignore Whether it has ended: for listeners. */
  get isClosed(): boolean {
    return this.#info !== undefined;
  }

  /** @ignore What it takes to go on after a sleep; `undefined` while anything is under way. */
  freeze(): SessionSnapshot | undefined {
    return this.#pump.session.freeze();
  }

  /** @ignore Bytes that a listening datagram socket got for this connection. */
  handleDatagram(bytes: Uint8Array): void {
    this.#pump.onReceive(bytes);
  }

  #handleMessages(): void {
    if (!this.#isOpen) return;
    while (this.#handler !== undefined || this.#received.size > 0) {
      const message = this.#pump.session.takeMessage();
      if (message === undefined) return;
      if (this.#received.resolveFirst(message)) continue;
      try {
        this.#handler?.(message);
      } catch (cause) {
        this.#handler = undefined;
        this.#pump.abort(new HawserError("closed", `the message handler threw: ${cause}`, { cause }));
        return;
      }
    }
  }

  // Only the newest of several pings that wait for one packet is said: its answer answers those before it.
  #handlePong(token: number, roundTripMs: number): void {
    for (const [asked, waiters] of this.#pongs ?? []) {
      if (asked <= token) waiters.resolveAll(roundTripMs);
    }
  }

  #take(): Uint8Array | undefined {
    const message = this.#pump.session.takeMessage();
    // What was taken may have opened the peer's window: tell it.
    if (message !== undefined) this.#pump.wake();
    return message;
  }

  #handleClosed(info: CloseInfo): void {
    this.#handleMessages();
    this.#info = info;
    const error = this.#closedError(info);
    this.#open.rejectAll(error);
    this.#received.rejectAll(error);
    this.#drained.rejectAll(error);
    for (const waiters of this.#pongs?.values() ?? []) waiters.rejectAll(error);
    this.#closed.resolve(info);
    this.#onClosed?.(this);
  }

  #failure(): HawserError | undefined {
    return this.#info?.error;
  }

  #closedError(info: CloseInfo): HawserError {
    if (info.error !== undefined) return info.error;
    const who = info.by === "peer" ? "the peer closed the connection" : "the connection is closed";
    return new HawserError(
      "closed",
      `${who} (code ${info.code}${info.reason === "" ? "" : `: ${info.reason}`})`,
    );
  }
}

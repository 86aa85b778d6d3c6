/**
 * A session, the link it has, and its life from the handshake to the end: what every connection is, whatever travels in it.
 *
 * @module
 */

import { Deferred } from "../deferred.ts";
import { HawserError } from "../errors.ts";
import type { Link, LinkTraits } from "../link.ts";
import {
  type Claim,
  CLOSE_APPLICATION,
  CLOSE_NORMAL,
  type CloseInfo,
  type EarlyData,
  type Peer,
  type SessionConfig,
  type SessionSnapshot,
  type SessionStats,
} from "../session/mod.ts";
import { now } from "./clock.ts";
import type { MessageConfig } from "./message_parts.ts";
import type { FindLink } from "./resumable_connection.ts";
import type { ServerPort, ServerTopics } from "./server_topics.ts";
import { Pump } from "./pump.ts";
import type { PumpHandler } from "./pump_handler.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

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
export interface ConnectionParts<C = BaseConnection> {
  readonly link: Link;
  readonly config: Omit<SessionConfig, "traits">;
  /** What typed messages are sent and taken with. */
  readonly messages?: MessageConfig;
  /** Of the server, if it is one of a server's. */
  readonly topics?: ServerTopics<C & ServerPort>;
  /** Decides whether a peer that has proved its identity is welcome. */
  readonly decide: (peer: Peer) => boolean | Promise<boolean>;
  /** Those who dialled: how another link is found when this one is lost. */
  readonly findLink?: FindLink;
  /** Responders: the peer wants to go on with another session. Returns whether it did. */
  onClaim?(claim: Claim, connection: C): boolean;
  /** Responders: a message came with the first packet. Returns whether it is taken. */
  onEarly?(early: EarlyData, connection: C): boolean;
  /** What was frozen, and goes on over this link: then there is no handshake, and nothing to decide. */
  readonly snapshot?: SessionSnapshot;
  /** Hears when the connection has ended. */
  onClosed?(connection: C): void;
  /** Hears whenever nothing more can be done before something happens: what `freeze` then says holds until that. */
  onSettled?(connection: C): void;
}

/** A connection without the ways to send and receive. */
export abstract class BaseConnection implements AsyncDisposable {
  /** @ignore What drives the session. */
  protected readonly pump: Pump;
  readonly #decide: ConnectionParts["decide"];
  readonly #onClosed: ConnectionParts["onClosed"];
  #onSettled: ConnectionParts["onSettled"];
  readonly #onClaim: ConnectionParts["onClaim"];
  readonly #onEarly: ConnectionParts["onEarly"];
  readonly #open: Waiters<void> = new Waiters("the handshake");
  #pongs: Map<number, Waiters<number>> | undefined;
  readonly #closed: Deferred<CloseInfo> = new Deferred();
  /** @ignore How it ended; undefined until then. */
  protected info: CloseInfo | undefined;
  #isOpen = false;
  #isDissolved = false;

  // Sees what is private, and is smaller than a closure for each of its methods: idle connections are many.
  static readonly #Handler = class implements PumpHandler {
    readonly #of: BaseConnection;

    constructor(connection: BaseConnection) {
      this.#of = connection;
    }

    handlePeer(peer: Peer): boolean | Promise<boolean> {
      return this.#of.#decide(peer);
    }

    handleOpen(): void {
      this.#of.#isOpen = true;
      this.#of.#open.resolveAll();
      this.#of.handleStreams();
    }

    handleMessages(): void {
      if (this.#of.#isOpen) this.#of.handleMessages();
    }

    handleDrained(): void {
      this.#of.handleDrained();
    }

    handleStreams(): void {
      if (this.#of.#isOpen) this.#of.handleStreams();
    }

    handlePong(token: number, roundTripMs: number): void {
      this.#of.#handlePong(token, roundTripMs);
    }

    handleSuspended(error: HawserError): void {
      this.#of.handleSuspended(error);
    }

    handleClaim(claim: Claim): boolean {
      return this.#of.#onClaim?.(claim, this.#of) ?? false;
    }

    handleEarly(early: EarlyData): boolean {
      return this.#of.#onEarly?.(early, this.#of) ?? false;
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
    this.#onClaim = parts.onClaim;
    this.#onEarly = parts.onEarly;
    this.pump = new Pump(parts.link, parts.config, new BaseConnection.#Handler(this), parts.snapshot);
  }

  /** The peer, as the handshake proved it. */
  get peer(): Peer {
    const { peer } = this.pump.session;
    if (peer === undefined) throw new HawserError("closed", "the handshake has not proved a peer yet");
    return peer;
  }

  /** Whether the peer took the `earlyData` of `connect`. If not, it did not see it: send it again, as a message. */
  get isEarlyDataTaken(): boolean {
    return this.pump.session.isEarlyTaken;
  }

  /** What the link is: kind, reliable, ordered, MTU, its own encryption, native streams. */
  get traits(): LinkTraits {
    return this.pump.link.traits;
  }

  /** Where this end is, as a URL. */
  get localAddress(): string {
    return this.pump.link.localAddress;
  }

  /** Where the other end is, as a URL. */
  get remoteAddress(): string {
    return this.pump.link.remoteAddress;
  }

  /** Bytes that `send` accepted and that have not left. */
  get queuedBytes(): number {
    return this.pump.session.queuedBytes;
  }

  /** The largest message that travels in one packet of this link: over datagrams, what is not cut. */
  get wholeMessageBytesMax(): number {
    return this.pump.session.wholeMessageBytesMax;
  }

  /** Resolves, and never rejects, when the connection has ended, whoever ended it. */
  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  /** Measures one round trip, in milliseconds. Over datagrams a ping may be lost: give `timeoutMs`. */
  ping(options?: WaitOptions): Promise<number> {
    if (this.info !== undefined) return Promise.reject(this.closedError(this.info));
    const token = this.pump.session.ping(now());
    const waiters = new Waiters<number>("the answer to a ping");
    const pongs = this.#pongs ??= new Map();
    pongs.set(token, waiters);
    this.pump.wake();
    return waiters.wait(options).finally(() => pongs.delete(token));
  }

  /** What was counted so far. */
  stats(): ConnectionStats {
    const { localAddress, remoteAddress } = this;
    return { ...this.pump.session.stats(now()), localAddress, remoteAddress };
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
    this.stopHanding();
    this.pump.abort(new HawserError("closed", reason));
    const info = await this.#closed.promise;
    await this.pump.ended;
    return info;
  }

  /** @ignore Closes with any code: for listeners. */
  async closeWith(code: number, reason: string): Promise<CloseInfo> {
    this.pump.session.close(code, reason, now());
    this.pump.wake();
    const info = await this.#closed.promise;
    await this.pump.ended;
    return info;
  }

  /** @ignore Starts the handshake, and resolves when messages may flow: for `connect` and `listen`. */
  async start(signal?: AbortSignal): Promise<void> {
    this.pump.start();
    try {
      await this.#open.wait({ signal });
    } catch (error) {
      await this.abort("the connection was given up before it was open");
      throw error;
    }
  }

  /** @ignore Whether it has ended: for listeners. */
  get isClosed(): boolean {
    return this.info !== undefined;
  }

  /** @ignore Calls `handler`, too, whenever nothing more can be done before something happens. */
  addSettledHandler(handler: () => void): void {
    const before = this.#onSettled;
    this.#onSettled = (connection) => {
      before?.(connection);
      handler();
    };
  }

  /** @ignore Its link belongs to another connection now, and it is nothing any more. */
  protected dissolve(): void {
    this.#isDissolved = true;
    const reason = "the peer goes on with an earlier session";
    this.#handleClosed({ code: CLOSE_NORMAL, reason, by: "peer", error: undefined, unsentMessages: 0 });
  }

  /** @ignore Whether its link belongs to another connection now. */
  get isDissolved(): boolean {
    return this.#isDissolved;
  }

  /** @ignore What it takes to go on after a sleep; `undefined` while anything is under way. */
  freeze(): SessionSnapshot | undefined {
    return this.pump.session.freeze();
  }

  /** @ignore Bytes that a listening datagram socket got for this connection. */
  handleDatagram(bytes: Uint8Array): void {
    this.pump.onReceive(bytes);
  }

  /** @ignore Messages may have arrived. */
  protected abstract handleMessages(): void;

  /** @ignore The send queue has room again. */
  protected abstract handleDrained(): void;

  /** @ignore Something happened to streams. */
  protected abstract handleStreams(): void;

  /** @ignore The link is gone, and the session waits for another. */
  protected abstract handleSuspended(error: HawserError): void;

  /** @ignore The session goes on over another link: pings that were on their way are said again. */
  protected handleResumed(): void {
    if (this.#pongs !== undefined && this.#pongs.size > 0) this.pump.session.ping(now());
    this.pump.wake();
  }

  /** @ignore It is over: settles what waits for more. */
  protected abstract handleEnd(error: HawserError): void;

  /** @ignore What has arrived is wanted no more. */
  protected abstract stopHanding(): void;

  // Only the newest of several pings that wait for one packet is said: its answer answers those before it.
  #handlePong(token: number, roundTripMs: number): void {
    for (const [asked, waiters] of this.#pongs ?? []) {
      if (asked <= token) waiters.resolveAll(roundTripMs);
    }
  }

  // What has arrived is handed out first: it can be taken after the end all the same.
  #handleClosed(info: CloseInfo): void {
    if (this.#isOpen) this.handleMessages();
    this.info = info;
    const error = this.closedError(info);
    this.#open.rejectAll(error);
    for (const waiters of this.#pongs?.values() ?? []) waiters.rejectAll(error);
    this.handleEnd(error);
    this.#closed.resolve(info);
    this.#onClosed?.(this);
  }

  /** @ignore What broke, if something did. */
  failure(): HawserError | undefined {
    return this.info?.error;
  }

  /** @ignore What a method of a connection that has ended says. */
  protected closedError(info: CloseInfo): HawserError {
    if (info.error !== undefined) return info.error;
    const who = info.by === "peer" ? "the peer closed the connection" : "the connection is closed";
    return new HawserError(
      "closed",
      `${who} (code ${info.code}${info.reason === "" ? "" : `: ${info.reason}`})`,
    );
  }
}

/**
 * What listens: any number of addresses, and the connections that come in through them.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { ACCEPT_QUEUE_MAX } from "../limits.ts";
import type { Link, Listening } from "../link.ts";
import { SHUTDOWN_LAST_MS_MAX } from "../shutdown_limits.ts";
import {
  type Claim,
  CLOSE_GOING_AWAY,
  type EarlyData,
  type SessionConfig,
  type SessionSnapshot,
} from "../session/mod.ts";
import { Connection } from "./connection.ts";
import { EarlyDoor } from "./early_data.ts";
import type { MessageConfig } from "./message_parts.ts";
import type { ListenOptions } from "./options.ts";
import { PublishingServer } from "./publishing_server.ts";
import { ResumableConnections } from "./resumable.ts";
import { finishAll, SHUTDOWN_REASON, type ShutdownOptions, type ShutdownOutcome } from "./shutdown.ts";
import { Waiters, type WaitOptions } from "./waiters.ts";

const CONNECTIONS_MAX = 10_000;
const HANDSHAKES_MAX = 1_000;

/** How a server stops. */
export interface ServerCloseOptions {
  /** How long connections may take to send what is queued before they are cut off. Default: their `closeMsMax`. */
  timeoutMs?: number;
}

/** What else there is to say of a link. */
export interface LinkOptions {
  readonly sessionId?: Uint8Array;
  readonly snapshot?: SessionSnapshot;
  onHandshakeOver?(): void;
  onSettled?(connection: Connection): void;
}

/** What a server has counted, and how it stands. */
export interface ServerStats {
  /** Open connections. */
  readonly connections: number;
  /** Handshakes under way. */
  readonly handshakes: number;
  /** Connections that were opened so far. */
  readonly accepted: number;
  /** How often a connection went on over another link. */
  readonly resumed: number;
  /** Handshakes that failed so far. */
  readonly failed: number;
  /** Links and handshakes that were turned away because a table was full. */
  readonly refused: number;
  /** Events and values that were sent to many, and dropped where their peer was slow or could not take them. */
  readonly dropped: number;
}

/**
 * Listens on one or more addresses.
 *
 * Take connections with `for await`, `accept` or `onConnection`: one of them.
 * Those that nobody takes wait, and above a bound new ones are turned away.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen(["mem://server-example"]);
 * const accepted = server.accept();
 * await using connection = await connect(server.urls);
 * console.log((await accepted).peer.id.length); // 43
 * ```
 */
export class Server extends PublishingServer implements AsyncDisposable, AsyncIterable<Connection> {
  /** The peer id that clients should expect. */
  readonly id: string;
  readonly #options: ListenOptions;
  readonly #config: Omit<SessionConfig, "traits">;
  readonly #messages: MessageConfig;
  readonly #listening: Listening[] = [];
  readonly #handshaking: Set<Connection> = new Set();
  readonly #waiting: Connection[] = [];
  readonly #accepts: Waiters<Connection> = new Waiters("a connection");
  #handler: ((connection: Connection) => void) | undefined;
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #resumable: ResumableConnections = new ResumableConnections();
  readonly #onClosed = (connection: Connection) => {
    this.open.delete(connection);
    this.#resumable.delete(connection);
  };
  readonly #onClaim = (claim: Claim, connection: Connection) => this.#resume(claim, connection);
  readonly #onEarly: ((early: EarlyData, connection: Connection) => boolean) | undefined;
  #closing: Promise<void> | undefined;
  #shutdown: Promise<ShutdownOutcome> | undefined;
  #accepted = 0;
  #resumed = 0;
  #failed = 0;
  #refused = 0;

  /** @ignore Servers come from `listen`. */
  constructor(
    id: string,
    config: Omit<SessionConfig, "traits">,
    messages: MessageConfig,
    options: ListenOptions,
  ) {
    super(messages.formats, options.slowSubscribers);
    this.id = id;
    this.#config = config;
    this.#messages = messages;
    this.#options = options;
    const { onEarlyData, identity } = options;
    const door = onEarlyData && new EarlyDoor(onEarlyData, identity === undefined);
    this.#onEarly = door && ((early, connection) => door.take(early, connection));
  }

  /** What clients dial: each address with its real port and the peer id. */
  get urls(): string[] {
    const { patterns } = this.#config.terms;
    const proof = patterns.some((name) => name !== "NN") ? `#${this.id}` : "";
    return this.#listening.map(({ url }) => url + proof);
  }

  /** Resolves, and never rejects, when the server has stopped. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** What was counted so far. */
  stats(): ServerStats {
    return {
      connections: this.open.size,
      handshakes: this.#handshaking.size,
      accepted: this.#accepted,
      resumed: this.#resumed,
      failed: this.#failed,
      refused: this.#refused,
      dropped: this.topics.dropped,
    };
  }

  /** Calls `handler` with each connection, and first with those that wait. If it throws, that connection ends. */
  onConnection(handler: (connection: Connection) => void): void {
    this.#handler = handler;
    for (const connection of this.#waiting.splice(0)) this.#hand(connection, handler);
  }

  /**
   * The next connection.
   * @throws {HawserError} `closed` when the server stops, or `timeout` with `timeoutMs`.
   */
  accept(options?: WaitOptions): Promise<Connection> {
    const connection = this.#waiting.shift();
    if (connection !== undefined) return Promise.resolve(connection);
    if (this.#isStopping) return Promise.reject(stopped());
    return this.#accepts.wait(options);
  }

  /** The connections, until the server stops. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Connection, void, void> {
    while (true) {
      try {
        yield await this.accept();
      } catch (error) {
        if (error instanceof HawserError && error.code === "closed") return;
        throw error;
      }
    }
  }

  /**
   * Stops listening, lets every connection send what is queued, tells the peers, and resolves when all is gone.
   * Safe to call twice.
   */
  close(options: ServerCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  /**
   * Ends gracefully: stops accepting, tells the peers, lets requests, streams and what is queued finish, closes each
   * connection once nothing is in flight on it, and resolves when all is gone. New requests are refused with `closed`,
   * which says `retryable`. What is not done within `timeoutMs` is cut off. Safe to call twice: the first call counts.
   *
   * @example
   * \`\`\`ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * const server = await listen("mem://shutdown-example");
   * server.onConnection((connection) => connection.handle("slow", async () => {
   *   await new Promise((resolve) => setTimeout(resolve, 50));
   *   return "done";
   * }));
   *
   * await using connection = await connect(server.urls);
   * const reply = connection.request("slow");
   * await connection.echo("the request has arrived");
   * console.log(await server.shutdown({ timeoutMs: 5_000 })); // { finished: 1, cutOff: 0 }
   * console.log(await reply); // done
   * \`\`\`
   */
  shutdown(options: ShutdownOptions = {}): Promise<ShutdownOutcome> {
    this.#shutdown ??= this.#shutDown(options);
    return this.#shutdown;
  }

  /** Stops in order: `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @ignore A transport listens for us: for `listen`. */
  addListening(listening: Listening): void {
    this.#listening.push(listening);
  }

  /** @ignore A listener died by itself; with the last one the server stops. */
  handleListenerClosed(listening: Listening): void {
    const index = this.#listening.indexOf(listening);
    if (index >= 0) this.#listening.splice(index, 1);
    if (this.#listening.length === 0) void this.close();
  }

  /**
   * @ignore Somebody connected. Returns the connection to be, or `undefined` if it was turned away. Datagram links
   * have a session id, and hear when the handshake is over. With a snapshot the connection goes on where it was frozen:
   * it is among the open ones at once.
   */
  handleLink(
    link: Link,
    { sessionId, onHandshakeOver, onSettled, snapshot }: LinkOptions = {},
  ): Connection | undefined {
    const { connectionsMax = CONNECTIONS_MAX, handshakesMax = HANDSHAKES_MAX } = this.#options;
    const isFull = this.open.size >= connectionsMax || this.#waiting.length >= ACCEPT_QUEUE_MAX;
    if (isFull || this.#isStopping) {
      this.#refused++;
      void link.close({ abort: true });
      return undefined;
    }
    // An honest handshake is over in a few round trips; the oldest is the likeliest to be a slowloris.
    const isNew = snapshot === undefined;
    if (isNew && this.#handshaking.size >= handshakesMax) this.#evictOldestHandshake();
    const { authorize = admitAll } = this.#options;
    const config = sessionId === undefined ? this.#config : { ...this.#config, sessionId };
    const connection = new Connection({
      link,
      config,
      messages: this.#messages,
      topics: this.topics,
      decide: authorize,
      snapshot,
      onClosed: this.#onClosed,
      onClaim: this.#onClaim,
      onEarly: this.#onEarly,
      onSettled,
    });
    (isNew ? this.#handshaking : this.open).add(connection);
    void this.#admit(connection).then(onHandshakeOver);
    return connection;
  }

  #evictOldestHandshake(): void {
    for (const oldest of this.#handshaking) {
      this.#handshaking.delete(oldest);
      this.#refused++;
      return void oldest.abort("too many handshakes are under way");
    }
  }

  async #admit(connection: Connection): Promise<void> {
    try {
      await connection.start();
    } catch (error) {
      // What a stranger did wrong is nobody's error, only a number, and a word to who wants to hear it.
      this.#handshaking.delete(connection);
      if (connection.isDissolved) return;
      this.#failed++;
      if (this.#closing === undefined) {
        this.#options.onRefusal?.(error as HawserError, connection.remoteAddress);
      }
      return;
    }
    this.#handshaking.delete(connection);
    this.#accepted++;
    // The peer may have opened and closed it with one packet.
    if (!connection.isClosed) {
      this.open.add(connection);
      this.topics.handleOpen(connection);
    }
    this.#resumable.add(connection);
    if (this.#isStopping) void connection.closeWith(CLOSE_GOING_AWAY, "");
    else if (this.#handler !== undefined) this.#hand(connection, this.#handler);
    else if (!this.#accepts.resolveFirst(connection)) this.#waiting.push(connection);
  }

  #resume(claim: Claim, newer: Connection): boolean {
    const connection = this.#resumable.find(claim, newer.peer.id);
    if (connection === undefined) return false;
    this.#resumed++;
    connection.resumeFrom(newer, claim.received);
    this.#resumable.add(connection);
    return true;
  }

  #hand(connection: Connection, handler: (connection: Connection) => void): void {
    try {
      handler(connection);
    } catch (cause) {
      void connection.abort(`the connection handler threw: ${cause}`);
    }
  }

  get #isStopping(): boolean {
    return this.#closing !== undefined || this.#shutdown !== undefined;
  }

  async #shutDown(options: ShutdownOptions): Promise<ShutdownOutcome> {
    this.#accepts.rejectAll(stopped());
    // The links of the others live on their sockets.
    const all = this.#listening.splice(0);
    this.#listening.push(...all.filter(({ link }) => link !== undefined));
    const closings = all.filter(({ link }) => link === undefined).map((listening) => listening.close());
    const close = (connection: Connection) => void connection.closeWith(CLOSE_GOING_AWAY, SHUTDOWN_REASON);
    const outcome = await finishAll(this.connections, close, options);
    await this.close({ timeoutMs: SHUTDOWN_LAST_MS_MAX });
    await Promise.all(closings);
    return outcome;
  }

  async #close({ timeoutMs }: ServerCloseOptions): Promise<void> {
    this.#accepts.rejectAll(stopped());
    const handshakes = [...this.#handshaking].map((connection) => connection.abort("the server stops"));
    const connections = [...this.open].map((connection) =>
      connection.closeWith(CLOSE_GOING_AWAY, "the server stops")
    );
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
      for (const connection of this.open) void connection.abort("the server stopped waiting");
    }, timeoutMs);
    await Promise.all([...handshakes, ...connections]);
    clearTimeout(timer);
    // Datagram links live on the listening socket, so it goes last; no new link was admitted meanwhile.
    await Promise.all(this.#listening.splice(0).map((listening) => listening.close()));
    this.#closed.resolve();
  }
}

function admitAll(): boolean {
  return true;
}

function stopped(): HawserError {
  return new HawserError("closed", "the server has stopped listening", { retryable: false });
}

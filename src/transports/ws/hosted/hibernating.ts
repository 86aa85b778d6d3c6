/**
 * WebSockets of a Durable Object that sleeps while they stay open: workerd keeps them, and hands their events to whatever
 * object there is when they come.
 *
 * @module
 */

import { LINK_CLOSE_AGAIN } from "../../../limits.ts";
import type { LinkCloseOptions } from "../../../link.ts";
import { WsLink } from "../ws_link.ts";
import type { HostedUpgrade } from "./mod.ts";
import { clientAddress, openPair } from "./workerd.ts";

/** A WebSocket that a sleeping object keeps; the part of it that is used. */
export interface HibernationSocket {
  /** Sends a binary message. */
  send(message: Uint8Array): void;
  /** Closes it. */
  close(code?: number, reason?: string): void;
  /** Keeps a copy of the value through a sleep. Throws if it is too large. */
  serializeAttachment(value: unknown): void;
  /** A copy of what was kept; `null` if nothing was. */
  deserializeAttachment(): unknown;
}

/** The state of a Durable Object; the part of it that is used. */
export interface HibernationState {
  /** Takes a WebSocket that stays open while the object sleeps. */
  acceptWebSocket(socket: HibernationSocket, tags?: string[]): void;
  /** All that were accepted with the tag. */
  getWebSockets(tag?: string): HibernationSocket[];
  /** The tags that a WebSocket was accepted with. */
  getTags(socket: HibernationSocket): string[];
  /** No event reaches the object before the promise is kept. */
  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T>;
}

/** What a WebSocket keeps through a sleep. */
interface Attachment {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly snapshot: unknown;
}

/**
 * Takes a link: a new one, or with a snapshot one that goes on from there. The promise is kept when the application has it;
 * throws at once for a snapshot that is none.
 */
export type TakeLink = (link: HibernatingLink, snapshot: unknown) => Promise<void>;

// Others of the application's own may be among the sockets of the object.
const TAG = "hawser";

/** The WebSockets of one object, from waking up to falling asleep. */
export class HibernatingWebSockets {
  readonly #state: HibernationState;
  readonly #messageBytesMax: number;
  readonly #take: TakeLink;
  readonly #links: WeakMap<HibernationSocket, HibernatingLink> = new WeakMap();

  /** Links go to `take`. */
  constructor(state: HibernationState, messageBytesMax: number, take: TakeLink) {
    this.#state = state;
    this.#messageBytesMax = messageBytesMax;
    this.#take = take;
  }

  /** The answer that makes a WebSocket of the request. */
  accept({ request, localAddress }: HostedUpgrade): Response {
    const { ours, answer } = openPair();
    const socket = ours as unknown as HibernationSocket;
    this.#state.acceptWebSocket(socket, [TAG]);
    void this.#take(this.#link(socket, localAddress, clientAddress(request)), undefined);
    return answer;
  }

  /** Wakes up: the object hears of nothing before all that go on are back. */
  restore(): void {
    const sockets = this.#state.getWebSockets(TAG);
    if (sockets.length === 0) return;
    void this.#state.blockConcurrencyWhile(async () => {
      await Promise.all(sockets.map((socket) => this.#restore(socket)));
    });
  }

  /** A message arrived. */
  handleMessage(socket: HibernationSocket, data: unknown): void {
    this.#linkOf(socket)?.handleMessage(data);
  }

  /** The WebSocket is closed, or broke. */
  handleClose(socket: HibernationSocket, code: number, reason: string): void {
    this.#linkOf(socket)?.handleClose(code, reason);
  }

  // Undefined for a socket of the application's own, and for one that cannot go on.
  #linkOf(socket: HibernationSocket): HibernatingLink | undefined {
    if (!this.#links.has(socket) && this.#state.getTags(socket).includes(TAG)) void this.#restore(socket);
    return this.#links.get(socket);
  }

  #restore(socket: HibernationSocket): Promise<void> {
    const attachment = socket.deserializeAttachment() as Partial<Attachment> | null | undefined;
    const { localAddress, remoteAddress, snapshot } = attachment ?? {};
    if (localAddress !== undefined && remoteAddress !== undefined && snapshot !== undefined) {
      try {
        return this.#take(this.#link(socket, localAddress, remoteAddress, true), snapshot);
      } catch {
        // A stranger's attachment: there is no session in it.
      }
    }
    this.#links.delete(socket);
    socket.serializeAttachment(null);
    socket.close(LINK_CLOSE_AGAIN, "the session was lost in a sleep: dial again");
    return Promise.resolve();
  }

  #link(socket: HibernationSocket, local: string, remote: string, isKept = false): HibernatingLink {
    const link = new HibernatingLink(socket, local, remote, this.#messageBytesMax, isKept);
    this.#links.set(socket, link);
    return link;
  }
}

/**
 * A link over a WebSocket that stays open while its object sleeps.
 *
 * What is kept through the sleep is void as soon as a packet comes or goes, and is cleared before: whoever woke up with
 * it would seal a second time under the same nonce.
 */
export class HibernatingLink extends WsLink {
  readonly #socket: HibernationSocket;
  // Invariant: true exactly while the socket has a snapshot, after which no packet has come or gone.
  #isKept: boolean;
  #isClosed = false;

  /** `isKept`: what is attached to the socket is where this link goes on. */
  constructor(
    socket: HibernationSocket,
    localAddress: string,
    remoteAddress: string,
    messageBytesMax: number,
    isKept: boolean,
  ) {
    super(localAddress, remoteAddress, messageBytesMax);
    this.#socket = socket;
    this.#isKept = isKept;
  }

  /** Keeps the snapshot through a sleep, or nothing if it is undefined or too large. */
  keep(snapshot: unknown): void {
    if (snapshot === undefined || this.#isClosed) return this.#forget();
    if (this.#isKept) return;
    const { localAddress, remoteAddress } = this;
    try {
      this.#socket.serializeAttachment({ localAddress, remoteAddress, snapshot } satisfies Attachment);
      this.#isKept = true;
    } catch {
      // Too large. What was there before is cleared already.
    }
  }

  /** A message arrived. */
  handleMessage(data: unknown): void {
    this.#forget();
    if (data instanceof ArrayBuffer) this.received(new Uint8Array(data));
    else this.receivedText();
  }

  /** The WebSocket is closed, or broke. */
  handleClose(code: number, reason: string): void {
    this.#forget();
    this.closed(code, reason);
  }

  // Of workerd nobody learns how much waits there.
  protected get pending(): number {
    return 0;
  }

  protected write(bytes: Uint8Array): boolean {
    this.#forget();
    try {
      this.#socket.send(bytes);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  protected end({ code, reason }: LinkCloseOptions): void {
    this.#close(code ?? 1000, reason ?? "");
  }

  protected release(): void {
    this.#close(1000, "");
  }

  #close(code: number, reason: string): void {
    this.#forget();
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#socket.close(code, reason);
    } catch {
      // The peer was faster.
    }
  }

  #forget(): void {
    if (!this.#isKept) return;
    this.#isKept = false;
    this.#socket.serializeAttachment(null);
  }
}

/**
 * A link over a `WebSocket` of the web's kind: what every runtime has for dialling, and Deno for listening.
 *
 * Such a socket takes all that it is given, tells how much of it waits, but not when that becomes less; so it is asked
 * again and again while somebody waits for room.
 *
 * @module
 */

import {
  LINK_HIGH_WATER_BYTES,
  LINK_LOW_WATER_BYTES,
  LINK_QUEUE_BYTES_MAX,
  WS_POLL_MS_MAX,
  WS_POLLS_FAST,
} from "../../limits.ts";
import type { LinkCloseOptions } from "../../link.ts";
import { nextTurn } from "../turn.ts";
import { WsLink } from "./ws_link.ts";

// States of a WebSocket, as the web numbers them.
const OPEN = 1;
const CLOSED = 3;

/** A link over an open `WebSocket` whose `binaryType` is `arraybuffer`. */
export class WebSocketLink extends WsLink {
  readonly #socket: WebSocket;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  // What must be read first, where a runtime gives Blobs in spite of `binaryType`.
  #reading: Promise<void> | undefined;
  #trouble = "";
  // What waited when the close began: from then on Deno says 0.
  #unsent = 0;

  constructor(socket: WebSocket, localAddress: string, remoteAddress: string, messageBytesMax: number) {
    super(localAddress, remoteAddress, messageBytesMax);
    this.#socket = socket;
    // Not by onmessage and its like, which the WebSockets of workerd do not have.
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => this.#onMessage(data));
    socket.addEventListener("error", (event) => this.#trouble = (event as Partial<ErrorEvent>).message ?? "");
    socket.addEventListener("close", ({ code, reason }) => {
      this.#onClose(code, reason === "" ? this.#trouble : reason);
    });
  }

  protected get pending(): number {
    return this.#socket.readyState === OPEN ? this.#buffered : this.#unsent;
  }

  // Of workerd nobody learns how much waits there.
  get #buffered(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  protected write(bytes: Uint8Array): boolean {
    // A closing socket ignores what it is given, and its close event follows.
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
    const waiting = this.#buffered;
    if (waiting > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (waiting > LINK_HIGH_WATER_BYTES && !this.#awaited) {
      this.#awaited = true;
      nextTurn(() => this.#watch(1));
    }
    return !this.#awaited;
  }

  protected end({ code, reason }: LinkCloseOptions): void {
    this.#unsent = this.pending;
    closeWith(this.#socket, code ?? 1000, reason ?? "");
  }

  protected release(): void {
    if (this.#socket.readyState === CLOSED) return;
    // Bun alone can drop a WebSocket at once; elsewhere what it has taken is still sent.
    const { terminate } = this.#socket as { terminate?: () => void };
    if (terminate !== undefined) terminate.call(this.#socket);
    else closeWith(this.#socket, 1000, "");
  }

  #watch(polls: number): void {
    if (this.over) return;
    if (this.#buffered <= LINK_LOW_WATER_BYTES) {
      this.#awaited = false;
      this.drained();
    } else if (polls < WS_POLLS_FAST) {
      nextTurn(() => this.#watch(polls + 1));
    } else {
      setTimeout(() => this.#watch(polls + 1), Math.min(polls - WS_POLLS_FAST + 1, WS_POLL_MS_MAX));
    }
  }

  #onMessage(data: unknown): void {
    if (data instanceof ArrayBuffer && this.#reading === undefined) this.received(new Uint8Array(data));
    else if (typeof data === "string") this.receivedText();
    else this.#reading = this.#readInOrder(this.#reading, data as Blob | ArrayBuffer);
  }

  async #readInOrder(before: Promise<void> | undefined, data: Blob | ArrayBuffer): Promise<void> {
    await before;
    this.received(new Uint8Array(data instanceof ArrayBuffer ? data : await data.arrayBuffer()));
  }

  #onClose(code: number, reason: string): void {
    if (this.#reading === undefined) this.closed(code, reason);
    else void this.#reading.then(() => this.closed(code, reason));
  }
}

/**
 * Closes with the code, or with the application's 3003 or 3009 in place of 1003 or 1009: the web allows programs that
 * dialled only 1000 and 3000 to 4999.
 */
function closeWith(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    socket.close(code < 3000 ? code + 2000 : code, reason);
  }
}

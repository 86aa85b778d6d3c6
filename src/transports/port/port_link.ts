/**
 * One end of a link over a `MessagePort` that belongs to it alone.
 *
 * ```
 * Uint8Array or ArrayBuffer   a message
 * number                      so much of what you sent was taken: bytes, and the cost of each message
 * "end"                       nothing follows; answered with "end"
 * "gone"                      given up
 * MessagePort                 hold this as long as you live: see `watch`
 * { life }                    the name of a lock that the sender holds as long as it lives
 * ```
 *
 * A port takes whatever it is given and never says stop, so the receiver says what it has taken.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  LINK_HIGH_WATER_BYTES,
  LINK_LOW_WATER_BYTES,
  LINK_MESSAGE_BYTES,
  LINK_QUEUE_BYTES_MAX,
  PORT_TAKEN_BYTES,
  PORT_TRANSFER_BYTES_MIN,
} from "../../limits.ts";
import type { LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { lifeLock, watchLife } from "./life_lock.ts";
import { hear } from "./port_events.ts";

const TRAITS: LinkTraits = {
  kind: "message",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: false,
  nativeStreams: false,
  inMemory: true,
};

/** A link over a port. */
export class PortLink extends BaseLink {
  readonly traits = TRAITS;
  readonly #port: MessagePort;
  #unhear: (() => void) | undefined;
  // What was sent, and the peer has not said to have taken.
  #untaken = 0;
  // What we have taken, and have not said.
  #unsaid = 0;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  #hasPeerEnded = false;
  // Of the channel by which one end watches the other.
  #watched: MessagePort | undefined;
  // Ends the watch over the lock of the other end.
  #unwatch: AbortController | undefined;

  constructor(port: MessagePort, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#port = port;
  }

  /**
   * Notices the death of the other end's worker although our port came from there: Deno tells a death only to who made
   * the channel (2.9.6), so the other end is given a port of a channel of ours to hold.
   */
  watch(): void {
    const { port1, port2 } = new MessageChannel();
    this.#watched = port1;
    port1.addEventListener("close", () => this.#handleGone());
    port1.start();
    this.#port.postMessage(port2, [port2]);
  }

  protected get pending(): number {
    return this.#untaken;
  }

  protected begin(): void {
    if (this.#unhear !== undefined) return;
    void lifeLock()?.then((life) => {
      if (!this.over) this.#port.postMessage({ life });
    });
    this.#unhear = hear(this.#port, {
      onMessage: (data) => this.#handle(data),
      onGone: () => this.#handleGone(),
    });
  }

  protected write(bytes: Uint8Array): boolean {
    this.#untaken += bytes.length + LINK_MESSAGE_BYTES;
    this.#post(bytes);
    if (this.#untaken > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (this.#untaken > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(): void {
    this.begin(); // The peer's answer must be heard.
    this.#port.postMessage("end");
  }

  protected release(): void {
    this.#port.postMessage(this.#hasPeerEnded ? "end" : "gone");
    this.#unhear?.();
    this.#port.close();
    this.#watched?.close();
    this.#unwatch?.abort();
  }

  // A view is copied first: posting it would clone all of its buffer, and other packets lie there too. Above some size
  // a transfer costs less than the copy that the runtime makes.
  #post(bytes: Uint8Array): void {
    const { buffer } = bytes;
    const own = bytes.length === buffer.byteLength ? bytes : new Uint8Array(bytes);
    try {
      if (own.length < PORT_TRANSFER_BYTES_MIN) this.#port.postMessage(own);
      else this.#port.postMessage(own.buffer, [own.buffer as ArrayBuffer]);
    } catch (cause) {
      this.fail(cause); // The caller has transferred these bytes to somebody else, for one.
    }
  }

  #handle(data: unknown): void {
    if (this.over) return;
    if (data instanceof Uint8Array) this.#take(data);
    else if (data instanceof ArrayBuffer) this.#take(new Uint8Array(data));
    else if (typeof data === "number") this.#handleTaken(data);
    else if (data instanceof MessagePort && this.#watched === undefined) this.#watched = data;
    else if (typeof data === "object" && data !== null && "life" in data) this.#handleLife(data.life);
    else this.#handleWord(data);
  }

  #take(bytes: Uint8Array): void {
    this.#unsaid += bytes.length + LINK_MESSAGE_BYTES;
    this.receiver?.onReceive(bytes);
    if (this.#unsaid < PORT_TAKEN_BYTES || this.over) return;
    this.#port.postMessage(this.#unsaid);
    this.#unsaid = 0;
  }

  #handleTaken(taken: number): void {
    if (!(taken > 0 && taken <= this.#untaken)) return this.#breach("took what was not sent");
    this.#untaken -= taken;
    if (!this.#awaited || this.#untaken > LINK_LOW_WATER_BYTES) return;
    this.#awaited = false;
    this.drained();
  }

  #handleWord(word: unknown): void {
    if (word === "end") {
      this.#hasPeerEnded = true;
      this.finish();
    } else if (word === "gone") {
      this.fail(gone("the other end gave it up"));
    } else {
      this.#breach("sent what is no message of a link");
    }
  }

  #handleLife(name: unknown): void {
    if (this.#unwatch !== undefined) return;
    this.#unwatch = new AbortController();
    void watchLife(name, this.#unwatch.signal, () => this.#handleGone());
  }

  #handleGone(): void {
    this.fail(gone("the worker at its other end is gone"));
  }

  #breach(what: string): void {
    const message = `the other end of ${this.remoteAddress} ${what}; both must run Hawser`;
    this.finish(new HawserError("protocol", message));
  }
}

function gone(why: string): HawserError {
  return new HawserError("io", `the link over a port broke: ${why}; dial again`);
}

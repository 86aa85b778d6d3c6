/**
 * What a signalling endpoint does, whatever its WebSockets are: it gives names, and passes signals on between them.
 *
 * @module
 */

import { SIGNALLING_NAMES_MAX, SIGNALLING_WAITING_BYTES_MAX } from "../../../limits.ts";
import { type FromEndpoint, isName, parseToEndpoint } from "./messages.ts";

/** The way to one peer. */
export interface Outlet {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Bytes that wait for the peer, where that is known. */
  waiting(): number;
}

/** A peer and its name. */
export interface Seat {
  /** The peer says something. */
  handle(text: unknown): void;
  /** The peer is gone. */
  leave(): void;
}

/** Names and who has them. */
export class SignallingHub {
  readonly #namesMax: number;
  readonly #outlets: Map<string, Outlet> = new Map();

  constructor(namesMax: number = SIGNALLING_NAMES_MAX) {
    this.#namesMax = namesMax;
  }

  /** Names that are taken. */
  get size(): number {
    return this.#outlets.size;
  }

  /** Gives the name to the peer behind `outlet`, or closes with the reason why not. */
  join(name: unknown, outlet: Outlet): Seat | undefined {
    if (!isName(name)) {
      outlet.close(4400, "?name= must be letters, digits, dots, dashes or underscores");
    } else if (this.#outlets.has(name)) {
      outlet.close(4409, "another listener has the name; choose another one");
    } else if (this.#outlets.size >= this.#namesMax) {
      outlet.close(4429, "too many names are taken; try again later");
    } else {
      this.#outlets.set(name, outlet);
      this.#say(name, { joined: name });
      return { handle: (text) => this.#handle(name, text), leave: () => this.#leave(name, outlet) };
    }
    return undefined;
  }

  /** Everybody loses their name. */
  close(): void {
    for (const outlet of this.#outlets.values()) outlet.close(1001, "the endpoint stops");
    this.#outlets.clear();
  }

  #handle(name: string, text: unknown): void {
    const message = parseToEndpoint(text);
    if (message === undefined) return this.#outlets.get(name)?.close(4400, "that is no signal");
    if ("ping" in message) return this.#say(name, { pong: true });
    if (this.#outlets.has(message.to)) return this.#say(message.to, { from: name, signal: message.signal });
    // Only a call is answered: what follows it, or ends it, would be answered again and again.
    if (message.signal.type !== "offer") return;
    const signal = {
      type: "end",
      code: "connection-refused",
      reason: "nobody listens under the name",
    } as const;
    this.#say(name, { from: message.to, signal });
  }

  #say(name: string, message: FromEndpoint): void {
    const outlet = this.#outlets.get(name);
    if (outlet === undefined) return;
    if (outlet.waiting() > SIGNALLING_WAITING_BYTES_MAX) {
      outlet.close(4408, "what is said to you is not read");
    } else outlet.send(JSON.stringify(message));
  }

  #leave(name: string, outlet: Outlet): void {
    if (this.#outlets.get(name) === outlet) this.#outlets.delete(name);
  }
}

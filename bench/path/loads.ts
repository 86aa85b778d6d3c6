/**
 * What is done to a pipe while it is measured, counted in bytes, so that streams and messages are treated alike.
 *
 * @module
 */

import { Checksum } from "./checksum.ts";
import type { Pipe } from "./pipe.ts";

/** How a pipe is loaded. */
export interface Load {
  /**
   * `echo`: all that arrives is sent back. `oneWay`: the receiver confirms each quarter of what may be in flight.
   * `flood`: as much as the sender's side takes, and nothing comes back.
   */
  readonly kind: "echo" | "oneWay" | "flood";
  /** Bytes of one message. */
  readonly bytes: number;
  /** Messages that may be in flight. Of no meaning to `flood`. */
  readonly inFlight: number;
}

/** What came of a round. */
export interface Figures {
  /** Messages that made their way, or what else was done, per second. */
  perSecond: number;
  /** `echo`: the median round trip in microseconds, else 0. */
  p50Us: number;
  /** `echo`: the 99th percentile of the round trips in microseconds, else 0. */
  p99Us: number;
  /** `idle`: memory of each in bytes, else 0. */
  bytesEach: number;
}

/** The far end: answers as its load says, and counts. */
export interface Responder {
  /** What arrived since the last report: for loads that confirm nothing. */
  report(): Figures;
}

// The checksum of what arrived first, and four bytes of nothing.
const CONFIRMATION_BYTES = 8;
const PROVED_ECHOES = 4;
const SAMPLES_MAX = 2 ** 20;
const FLOOD_BURST = 32;
const SETTLE_MS = 100;

/** Answers on `pipe`. */
export function respond(pipe: Pipe, load: Load): Responder {
  const batchBytes = load.bytes * load.inFlight / 4;
  let bytes = 0;
  let first = 0;
  let last = 0;
  let unconfirmed = 0;
  const checksum = new Checksum(batchBytes);
  pipe.receive((piece) => {
    if (load.kind === "echo") return pipe.send(piece);
    if (load.kind === "flood") {
      last = performance.now();
      if (bytes === 0) first = last;
      bytes += piece.length;
      return;
    }
    unconfirmed += piece.length;
    checksum.update(piece);
    for (; unconfirmed >= batchBytes; unconfirmed -= batchBytes) void pipe.send(confirmation(checksum));
  });
  return {
    report() {
      const messages = Math.max(0, bytes / load.bytes - 1);
      bytes = 0;
      return figures(messages, last - first);
    },
  };
}

/** Loads a pipe, round by round. */
export class Driver {
  readonly #pipe: Pipe;
  readonly #load: Load;
  readonly #next: () => Uint8Array;
  #onBytes: (bytes: Uint8Array) => void | Promise<void> = () => {};

  /** `next` gives the messages. */
  constructor(pipe: Pipe, load: Load, next: () => Uint8Array) {
    this.#pipe = pipe;
    this.#load = load;
    this.#next = next;
    pipe.receive((bytes) => this.#onBytes(bytes));
  }

  /**
   * Shows that what is sent arrives as it is; once, before the first round. Floods are not proved: datagrams may be lost.
   * @throws {Error} where other bytes arrive.
   */
  async prove(): Promise<void> {
    const { kind, inFlight } = this.#load;
    if (kind === "echo") { for (let count = 0; count < PROVED_ECHOES; count++) await this.#proveEcho(); }
    if (kind !== "oneWay") return;
    const messages = Array.from({ length: inFlight / 4 }, this.#next);
    const checksum = new Checksum(Infinity);
    for (const message of messages) checksum.update(message);
    requireSame(await this.#exchange(messages, CONFIRMATION_BYTES), confirmation(checksum));
  }

  async #proveEcho(): Promise<void> {
    const message = this.#next();
    requireSame(await this.#exchange([message], message.length), message);
  }

  async #exchange(messages: readonly Uint8Array[], length: number): Promise<Uint8Array> {
    const answer = new Uint8Array(length);
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    let received = 0;
    this.#onBytes = (bytes) => {
      answer.set(bytes.subarray(0, length - received), received);
      received += bytes.length;
      if (received >= length) resolve(answer);
    };
    for (const message of messages) await this.#pipe.send(message);
    return await promise;
  }

  /** Runs one round of so many milliseconds. */
  run(ms: number): Promise<Figures> {
    switch (this.#load.kind) {
      case "echo":
        return this.#echo(ms);
      case "oneWay":
        return this.#oneWay(ms);
      case "flood":
        return this.#flood(ms);
    }
  }

  async #echo(ms: number): Promise<Figures> {
    const { bytes, inFlight } = this.#load;
    const samples = new Float64Array(SAMPLES_MAX);
    const sentAt = new Float64Array(inFlight);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const start = performance.now();
    let sent = 0;
    let echoed = 0;
    let received = 0;
    const send = () => {
      sentAt[sent++ % inFlight] = performance.now();
      return this.#pipe.send(this.#next());
    };
    this.#onBytes = ({ length }) => {
      let sending: void | Promise<void> = undefined;
      for (received += length; received >= bytes; received -= bytes) {
        const now = performance.now();
        samples[echoed % SAMPLES_MAX] = now - sentAt[echoed % inFlight];
        echoed++;
        if (now - start < ms) sending = send();
        else if (echoed === sent) resolve();
      }
      return sending;
    };
    for (let count = 0; count < inFlight; count++) await send();
    await done;
    const outcome = figures(echoed, performance.now() - start);
    return { ...outcome, ...percentiles(samples.subarray(0, Math.min(echoed, SAMPLES_MAX))) };
  }

  async #oneWay(ms: number): Promise<Figures> {
    const batch = this.#load.inFlight / 4;
    let confirmed = Promise.withResolvers<void>();
    let received = 0;
    let flying = 0;
    let batches = 0;
    this.#onBytes = ({ length }) => {
      for (received += length; received >= CONFIRMATION_BYTES; received -= CONFIRMATION_BYTES) flying--;
      confirmed.resolve();
    };
    const start = performance.now();
    while (true) {
      for (; flying < 4 && performance.now() - start < ms; batches++) {
        flying++;
        for (let count = 0; count < batch; count++) {
          const sending = this.#pipe.send(this.#next());
          if (sending !== undefined) await sending;
        }
      }
      if (flying === 0) return figures(batches * batch, performance.now() - start);
      if (flying < 4 && performance.now() - start < ms) continue;
      confirmed = Promise.withResolvers();
      await confirmed.promise;
    }
  }

  async #flood(ms: number): Promise<Figures> {
    const start = performance.now();
    let sent = 0;
    while (performance.now() - start < ms) {
      for (let count = 0; count < FLOOD_BURST; count++) {
        const sending = this.#pipe.send(this.#next());
        if (sending !== undefined) await sending;
      }
      sent += FLOOD_BURST;
      // What is not awaited would otherwise keep the event loop from its sockets.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const outcome = figures(sent, performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return outcome;
  }
}

/** So many within so many milliseconds, and nothing else. */
export function figures(count: number, ms: number): Figures {
  return { perSecond: ms > 0 ? count * 1000 / ms : 0, p50Us: 0, p99Us: 0, bytesEach: 0 };
}

/** Of times in milliseconds, which are sorted where they are. */
export function percentiles(samples: Float64Array): Pick<Figures, "p50Us" | "p99Us"> {
  const sorted = samples.sort();
  const at = (share: number) => 1000 * sorted[Math.floor(sorted.length * share)];
  return { p50Us: at(0.5), p99Us: at(0.99) };
}

function confirmation(checksum: Checksum): Uint8Array {
  const bytes = new Uint8Array(CONFIRMATION_BYTES);
  new DataView(bytes.buffer).setUint32(0, checksum.value);
  return bytes;
}

function requireSame(actual: Uint8Array, expected: Uint8Array): void {
  if (actual.every((byte, at) => byte === expected[at])) return;
  throw new Error(`other bytes arrived than were sent, so nothing is timed`);
}

// Messages that say of which row they are and the how manieth: what came can be held against what was said.

import { assertEquals } from "@std/assert";
import type { Session, SessionSendOptions } from "../../src/session/mod.ts";
import type { Random } from "./random.ts";

const HEAD_BYTES = 9;
const PRIORITIES = [0, 64, 128, 129, 200, 255];

/** What one side says to the other: rows that keep their order, each for itself. */
export class Rows {
  readonly #sent: Map<number, number> = new Map();
  readonly #next: Map<number, number> = new Map();
  readonly #held: number[] = [];
  /** Messages that were said. */
  said = 0;
  /** Messages that arrived. */
  arrived = 0;

  /** Says something. */
  say(session: Session, random: Random, sizeMax: number): void {
    const typed = random.chance(0.4);
    const priority = random.chance(0.5) ? undefined : PRIORITIES[random.between(0, PRIORITIES.length - 1)];
    const channel = random.chance(0.4) ? random.between(0, 3) : undefined;
    const row = (typed ? 1_000 : 0) + (channel === undefined ? priority ?? 128 : 500 + channel);
    const index = this.#sent.get(row) ?? 0;
    const size = HEAD_BYTES + (random.chance(0.8) ? random.between(0, 300) : random.between(0, sizeMax));
    const message = new Uint8Array(size).fill(index);
    new DataView(message.buffer).setUint32(0, row);
    new DataView(message.buffer).setUint32(4, index);
    message[8] = size & 0xff;
    const compress = random.chance(0.5);
    const isPlain = !typed && priority === undefined && channel === undefined && random.chance(0.5);
    const options: SessionSendOptions = {
      priority,
      channel: channel === undefined ? undefined : `channel ${channel}`,
      typed,
      compress,
    };
    session.send(message, isPlain ? undefined : options);
    this.#sent.set(row, index + 1);
    this.said++;
  }

  /**
   * Takes what has come, or some of it, and gives back the room of what the message layer is done with.
   * @throws {Error} if a message is not the next of its row, or not as it was.
   */
  take(session: Session, random: Random): void {
    let left = random.chance(0.2) ? 1 : Infinity;
    for (let message = session.takeMessage(); message !== undefined; message = session.takeMessage()) {
      this.#check(message);
      if (--left <= 0) break;
    }
    for (let message = session.takeTyped(); message !== undefined; message = session.takeTyped()) {
      this.#check(message);
      this.#held.push(message.length);
    }
    while (this.#held.length > 0 && random.chance(0.9)) session.releaseTyped(this.#held.shift()!);
  }

  /** Whether all that was said has been taken. */
  get isComplete(): boolean {
    return this.arrived === this.said && this.#held.length === 0;
  }

  #check(message: Uint8Array): void {
    const head = new DataView(message.buffer, message.byteOffset);
    const [row, index] = [head.getUint32(0), head.getUint32(4)];
    const next = this.#next.get(row) ?? 0;
    assertEquals(index, next, `message ${index} of row ${row} came where ${next} should be`);
    assertEquals(message[8], message.length & 0xff, "a message is shorter or longer than it was");
    const isWhole = message.subarray(HEAD_BYTES).every((byte) => byte === (index & 0xff));
    assertEquals(isWhole, true, "a message is torn");
    this.#next.set(row, next + 1);
    this.arrived++;
  }
}

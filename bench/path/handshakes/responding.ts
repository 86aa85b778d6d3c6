/**
 * Times what whole XX handshakes cost the side that listens, on one core.
 *
 * Both sides run in this process, many handshakes side by side, and take turns: all initiators, then all responders.
 * Only what the responders do is counted, as processor time of the process: what a contender leaves to other threads
 * counts as well, and waiting does not.
 *
 * @module
 */

import process from "node:process";
import { type Figures, figures } from "../loads.ts";

/** Handshakes side by side, step by step. */
export interface Batch {
  /** Every initiator's next message: the first, then the last. */
  initiate(): void | Promise<void>;
  /** Every responder, from its making to its answer; then from the last message to the keys. */
  respond(): void | Promise<void>;
  /**
   * Lets go of everything.
   * @throws {Error} unless both sides of every handshake know each other and have the same keys.
   */
  end(): void | Promise<void>;
}

/** Begins so many handshakes. */
export type CreateBatch = (count: number) => Batch;

/** Few enough to stay near the core, many enough to be timed. */
const BATCH_COUNT = 64;

/** Handshakes per second of the responders' processor time, measured until that has reached `ms`. */
export async function measureResponders(createBatch: CreateBatch, ms: number): Promise<Figures> {
  let spentUs = 0;
  let count = 0;
  while (spentUs < ms * 1000) {
    const batch = createBatch(BATCH_COUNT);
    for (let step = 0; step < 2; step++) {
      await batch.initiate();
      const before = process.cpuUsage();
      await batch.respond();
      const { user, system } = process.cpuUsage(before);
      spentUs += user + system;
    }
    await batch.end();
    count += BATCH_COUNT;
  }
  return figures(count, spentUs / 1000);
}

/** A side that answers at once. */
export interface Side {
  write(): Uint8Array;
  /** Returns what has to be said after the last message, if anything. */
  read(message: Uint8Array): Uint8Array | void;
  /** Lets go of everything, and returns what only the two of them have in common. */
  end(): Uint8Array | string;
}

/** Batches of such sides. */
export function batchesOf(create: (initiator: boolean) => Side): CreateBatch {
  return (count) => {
    const initiators = Array.from({ length: count }, () => create(true));
    let responders: Side[] | undefined;
    // What waits for the other side.
    let messages: (Uint8Array | void)[] = [];
    return {
      initiate() {
        if (responders !== undefined) initiators.forEach((side, at) => side.read(messages[at]!));
        messages = initiators.map((side) => side.write());
      },
      respond() {
        if (responders !== undefined) {
          messages = responders.map((side, at) => side.read(messages[at]!));
          return;
        }
        responders = messages.map(() => create(false));
        messages = responders.map((side, at) => {
          side.read(messages[at]!);
          return side.write();
        });
      },
      end() {
        initiators.forEach((side, at) => {
          const lastWord = messages[at];
          if (lastWord !== undefined) side.read(lastWord);
          if (String(side.end()) !== String(responders![at].end())) throw new Error("the two sides disagree");
        });
      },
    };
  };
}

// Messages that say which they are, so that a torn, doubled or foreign one is seen.

import { createHash } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import type { Connection } from "../../mod.ts";

const HEAD_BYTES = 8;

/** Message number `index` of `size` bytes: its content follows from the two. */
export function numbered(index: number, size: number): Uint8Array {
  const message = new Uint8Array(size);
  let state = Math.imul(index + 1, 2_654_435_761) >>> 0;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    message[at] = state >>> 24;
  }
  if (size >= HEAD_BYTES) {
    const view = new DataView(message.buffer);
    view.setUint32(0, index);
    view.setUint32(4, size);
  }
  return message;
}

/** The number of a message, which must be whole and unchanged. */
export function numberOf(message: Uint8Array): number {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const index = view.getUint32(0);
  assertEquals(view.getUint32(4), message.length, "a message of another length than it says");
  assert(digest(message) === digest(numbered(index, message.length)), `message ${index} was changed`);
  return index;
}

/** SHA-256 in hexadecimal. */
export function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Sends `count` numbered messages, waiting whenever there is no room. */
export async function sendNumbered(connection: Connection, count: number, size: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (!connection.send(numbered(index, size))) await connection.drained({ timeoutMs: 20_000 });
  }
}

/** Collects messages until `count` came, or nothing came for `quietMs`. */
export async function collect(connection: Connection, count: number, quietMs: number): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  while (messages.length < count) {
    try {
      messages.push(await connection.receive({ timeoutMs: quietMs }));
    } catch {
      break;
    }
  }
  return messages;
}

/**
 * The far end: takes files, hashes what arrives, compares, and sends small messages back.
 *
 * It holds one hash and a bounded number of records that came early, however large the files are.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import type { Channel } from "./channel.ts";
import {
  bodyOf,
  makeReceipt,
  makeRecord,
  numberOf,
  RECORD_ACK,
  RECORD_COMPLAINT,
  RECORD_DATA,
  RECORD_ECHO,
  RECORD_END,
  RECORD_FILE,
  recordOf,
} from "./records.ts";

/** Records that are kept although one before them is missing, and receipts that can be repeated. */
const EARLY_RECORDS_MAX = 1_024;

/** Serves one channel until it ends. */
export function serveFarEnd(channel: Channel): void {
  const farEnd = new FarEnd(channel);
  channel.onMessage((message) => farEnd.handleMessage(message));
}

class FarEnd {
  readonly #channel: Channel;
  readonly #early: Map<number, Uint8Array> = new Map();
  readonly #receipts: Map<number, Uint8Array> = new Map();
  #expected = 0;
  #name = "";
  #hash: Hash | undefined;
  #bytes = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  // The near end bounds what is on its way, so answers need no waiting: they stay far below the high-water mark.
  handleMessage(message: Uint8Array): void {
    if (message[0] === RECORD_ECHO) this.#channel.send(message);
    else if (message[0] >= RECORD_FILE && message[0] <= RECORD_END) this.#handleRecord(message);
  }

  #handleRecord(record: Uint8Array): void {
    const number = numberOf(record);
    if (this.#channel.reliable) {
      if (number === this.#expected) this.#take(record);
      else {this.#complain(
          `record ${number} came where ${this.#expected} was due: a message was lost or doubled`,
        );}
      return;
    }
    if (number >= this.#expected + EARLY_RECORDS_MAX) return;
    if (number > this.#expected) this.#early.set(number, record.slice());
    else if (number === this.#expected) this.#takeAll(record);
    this.#acknowledge(record[0], number);
  }

  // Only the receipt answers an END, so that it is repeated until it has arrived.
  #acknowledge(kind: number, number: number): void {
    const answer = kind === RECORD_END ? this.#receipts.get(number) : makeRecord(RECORD_ACK, number, 0);
    if (answer !== undefined) this.#channel.send(answer);
  }

  #takeAll(record: Uint8Array): void {
    this.#take(record);
    for (
      let next = this.#early.get(this.#expected);
      next !== undefined;
      next = this.#early.get(this.#expected)
    ) {
      const number = this.#expected;
      this.#early.delete(number);
      this.#take(next);
      if (next[0] === RECORD_END) this.#acknowledge(RECORD_END, number);
    }
  }

  #take(record: Uint8Array): void {
    this.#expected++;
    const body = bodyOf(record);
    if (record[0] === RECORD_FILE) {
      this.#name = new TextDecoder().decode(body);
      this.#hash = createHash("sha256");
      this.#bytes = 0;
    } else if (this.#hash === undefined) {
      this.#complain(`a record of the kind ${record[0]} came outside of a file`);
    } else if (record[0] === RECORD_DATA) {
      this.#hash.update(body);
      this.#bytes += body.length;
    } else {
      this.#finish(numberOf(record), this.#hash.digest(), body);
      this.#hash = undefined;
    }
  }

  #finish(number: number, digest: Uint8Array, announced: Uint8Array): void {
    const agrees = Buffer.compare(digest, announced) === 0;
    const receipt = makeReceipt(number, agrees, digest, this.#bytes);
    if (this.#channel.reliable) return void this.#channel.send(receipt);
    this.#receipts.set(number, receipt);
    if (this.#receipts.size <= EARLY_RECORDS_MAX) return;
    for (const oldest of this.#receipts.keys()) return void this.#receipts.delete(oldest);
  }

  #complain(reason: string): void {
    const where = this.#name === "" ? "" : ` (in or after ${JSON.stringify(this.#name)})`;
    this.#channel.send(
      recordOf(RECORD_COMPLAINT, 0, new TextEncoder().encode(`${reason}${where}`.slice(0, 400))),
    );
  }
}

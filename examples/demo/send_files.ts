/**
 * The near end of the file transfer: reads, hashes, sends, and compares what the far end says it got.
 *
 * A file is read piece by piece, so memory stays the same for any size.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Channel } from "./channel.ts";
import { Delivery } from "./delivery.ts";
import { type FoundFile, type Root, walk } from "./files.ts";
import { Gate } from "./gate.ts";
import {
  bodyOf,
  makeRecord,
  numberOf,
  readReceipt,
  type Receipt,
  RECORD_ACK,
  RECORD_COMPLAINT,
  RECORD_DATA,
  RECORD_END,
  RECORD_FILE,
  RECORD_HEADER_BYTES,
  RECORD_RECEIPT,
  recordOf,
  toHex,
} from "./records.ts";

/** Files whose receipt may be on its way. */
const RECEIPTS_MAX = 256;

/** What is sent, and who hears of it. */
export interface SendFilesOptions {
  readonly roots: readonly Root[];
  /** No more than this many bytes; the file that reaches the bound is cut off there. */
  readonly bytesMax: number;
  /** Called with the bytes sent since the last call. */
  onProgress(bytes: number): void;
}

/** What was sent. */
export interface FilesResult {
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Records that were lost, and sent again. */
  readonly resent: number;
}

/** A file as it was read from disk. */
export interface SentFile {
  readonly name: string;
  /** SHA-256, in hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
}

/**
 * Holds what was read from disk against what the far end got.
 * @throws {Error} unless bytes and digest are the same.
 */
export function checkReceipt(sent: SentFile, receipt: Receipt): void {
  const { name, digest, bytes } = sent;
  if (receipt.agrees && receipt.digest === digest && receipt.bytes === bytes) return;
  throw new Error(
    `${JSON.stringify(name)} arrived changed: sent ${bytes} bytes with SHA-256 ${digest}, ` +
      `but the far end got ${receipt.bytes} with ${receipt.digest}`,
  );
}

/**
 * Sends all files and waits until the far end has confirmed each.
 * @throws {Error} when a file cannot be read, arrived changed, or a reliable channel lost something.
 */
export async function sendFiles(channel: Channel, options: SendFilesOptions): Promise<FilesResult> {
  const startedAt = performance.now();
  using transfer = new Transfer(channel, options);
  for await (const file of walk(options.roots)) {
    if (transfer.bytes >= options.bytesMax) break;
    await transfer.send(file);
  }
  await transfer.finish();
  const { files, bytes, resent } = transfer;
  return { files, bytes, resent, seconds: (performance.now() - startedAt) / 1000 };
}

class Transfer implements Disposable {
  files = 0;
  bytes = 0;
  readonly #channel: Channel;
  readonly #options: SendFilesOptions;
  readonly #gate = new Gate();
  readonly #delivery: Delivery;
  readonly #unconfirmed: Map<number, SentFile> = new Map();
  #number = 0;

  constructor(channel: Channel, options: SendFilesOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#delivery = new Delivery(channel, this.#gate);
    channel.onMessage((message) => this.#handleMessage(message));
    void channel.ended.then((reason) => this.#gate.fail(new Error(reason)));
  }

  get resent(): number {
    return this.#delivery.resent;
  }

  async send({ path, name }: FoundFile): Promise<void> {
    while (this.#unconfirmed.size >= RECEIPTS_MAX) await this.#gate.wait();
    const title = new TextEncoder().encode(name).subarray(0, this.#channel.chunkBytes);
    await this.#delivery.put(recordOf(RECORD_FILE, this.#number++, title));
    const handle = await open(path, "r");
    try {
      await this.#sendContent(name, handle);
    } finally {
      await handle.close();
    }
    this.files++;
  }

  async finish(): Promise<void> {
    while (this.#unconfirmed.size > 0) await this.#gate.wait();
  }

  [Symbol.dispose](): void {
    this.#delivery[Symbol.dispose]();
  }

  async #sendContent(name: string, handle: FileHandle): Promise<void> {
    const hash = createHash("sha256");
    // What is appended while we read is not waited for: it may never end.
    const size = Math.min((await handle.stat()).size, this.#options.bytesMax - this.bytes);
    let at = 0;
    while (at < size) {
      const bytesMax = Math.min(this.#channel.chunkBytes, size - at);
      const record = makeRecord(RECORD_DATA, this.#number, bytesMax);
      const { bytesRead } = await handle.read(record, RECORD_HEADER_BYTES, bytesMax);
      if (bytesRead === 0) break;
      const whole = bytesRead === bytesMax ? record : record.subarray(0, RECORD_HEADER_BYTES + bytesRead);
      hash.update(bodyOf(whole));
      this.#number++;
      await this.#delivery.put(whole);
      at += bytesRead;
      this.bytes += bytesRead;
      this.#options.onProgress(bytesRead);
    }
    const digest = hash.digest();
    const number = this.#number++;
    this.#unconfirmed.set(number, { name, digest: toHex(digest), bytes: at });
    await this.#delivery.put(recordOf(RECORD_END, number, digest));
  }

  #handleMessage(message: Uint8Array): void {
    const number = numberOf(message);
    if (message[0] === RECORD_ACK) this.#delivery.handleAnswer(number);
    else if (message[0] === RECORD_RECEIPT) this.#handleReceipt(number, message);
    else if (message[0] === RECORD_COMPLAINT) {
      this.#gate.fail(new Error(`the far end says: ${new TextDecoder().decode(bodyOf(message))}`));
    }
  }

  #handleReceipt(number: number, message: Uint8Array): void {
    this.#delivery.handleAnswer(number);
    const sent = this.#unconfirmed.get(number);
    if (sent === undefined) return; // A repeated receipt.
    try {
      checkReceipt(sent, readReceipt(message));
    } catch (error) {
      return this.#gate.fail(error as Error);
    }
    this.#unconfirmed.delete(number);
    this.#gate.open();
  }
}

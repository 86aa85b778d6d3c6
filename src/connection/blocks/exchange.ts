/**
 * Blocks on their way over one connection, over whichever link it has.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { Fifo } from "../../fifo.ts";
import type { Block } from "../../message/blocks/block.ts";
import { BLOCK_LAYOUTS, decodeBlock, encodeBlock } from "../../message/blocks/layouts.ts";
import { type Envelope, FORMAT_BYTES, KIND_BLOCK, type ReceivedEnvelope } from "../../message/envelope.ts";
import { failureEnvelope, refusalEnvelope } from "../../message/failures.ts";
import type { SessionSendOptions } from "../../session/mod.ts";
import { now } from "../clock.ts";
import {
  type BlockHandler,
  type BlockPart,
  BLOCKS_CAPABILITY,
  type BlockSendOptions,
  type BlockSupport,
} from "../block_part.ts";
import type { Messenger, MessengerPart } from "../messenger.ts";
import type { Requests } from "../requests.ts";
import { Waiters, type WaitOptions } from "../waiters.ts";
import { acknowledge, hand, type WaitingMessage } from "../waiting_message.ts";

/** What lets a connection carry blocks: for `connect` in web pages, elsewhere it is there already. */
export const blocks: BlockSupport = {
  open: (messenger, requests) => new BlockExchange(messenger, requests),
};

class BlockExchange implements BlockPart, MessengerPart {
  readonly #messenger: Messenger;
  readonly #requests: Requests;
  // Nobody has taken them yet, so they hold up the sender once its window is full.
  readonly #waiting: Fifo<WaitingMessage> = new Fifo();
  readonly #takers: Waiters<Block> = new Waiters("a block");
  #handler: BlockHandler | undefined;
  #end: HawserError | undefined;

  constructor(messenger: Messenger, requests: Requests) {
    this.#messenger = messenger;
    this.#requests = requests;
    messenger.add(this);
    messenger.on(KIND_BLOCK, (envelope, bytes) => this.#handleBlock({ envelope, bytes }));
  }

  async send(block: Block, options: BlockSendOptions): Promise<void> {
    const { layout = block.byteOrder === "little" ? "little-endian" : "binary", ack } = options;
    const { host } = this.#messenger;
    options.signal?.throwIfAborted();
    if (!host.peer.capabilities.includes(BLOCKS_CAPABILITY)) {
      throw new HawserError(
        "unsupported",
        "the peer takes no blocks: in a web page, connect needs the option blocks of @hawser/hawser/blocks",
      );
    }
    const envelope: Envelope = {
      kind: KIND_BLOCK,
      number: BLOCK_LAYOUTS.indexOf(layout),
      isAckWanted: ack,
      format: FORMAT_BYTES,
      payload: encodeBlock(block, layout),
    };
    const sendOptions = sendOptionsOf(options);
    if (ack) await this.#requests.acknowledged(envelope, sendOptions);
    else if (!this.#messenger.send(envelope, sendOptions)) await host.drained({ signal: options.signal });
  }

  receive(options: WaitOptions | undefined): Promise<Block> {
    const waiting = this.#takers.size === 0 ? this.#waiting.shift() : undefined;
    if (waiting !== undefined) {
      this.#messenger.release(waiting.bytes);
      return this.#decode(waiting.envelope);
    }
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return this.#takers.wait(options);
  }

  onBlock(handler: BlockHandler | undefined): void {
    this.#handler = handler;
    while (this.#handler !== undefined) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      if (!this.#hand(waiting, this.#handler)) this.#messenger.release(waiting.bytes);
    }
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  deadline(): number {
    return Infinity;
  }

  handleTimeout(): void {}

  // What waits can still be taken.
  handleEnd(error: HawserError): void {
    this.#end = error;
    this.#takers.rejectAll(error);
  }

  /** Returns whether the block goes on counting against the window. */
  #handleBlock(waiting: WaitingMessage): boolean {
    if (this.#takers.size > 0) {
      this.#settle(waiting.envelope);
      return false;
    }
    if (this.#handler !== undefined) return this.#hand(waiting, this.#handler);
    this.#waiting.push(waiting);
    return true;
  }

  #settle(envelope: ReceivedEnvelope): void {
    try {
      this.#takers.resolveFirst(this.#read(envelope));
      acknowledge(this.#messenger, envelope);
    } catch (error) {
      this.#takers.rejectFirst(error);
      this.#refuse(envelope, error);
    }
  }

  #decode(envelope: ReceivedEnvelope): Promise<Block> {
    try {
      const block = this.#read(envelope);
      acknowledge(this.#messenger, envelope);
      return Promise.resolve(block);
    } catch (error) {
      this.#refuse(envelope, error);
      return Promise.reject(error);
    }
  }

  /** Returns whether the handler goes on with it. */
  #hand(waiting: WaitingMessage, handler: BlockHandler): boolean {
    return hand(
      this.#messenger,
      waiting,
      (envelope) => handler(this.#read(envelope)),
      (envelope, error) => this.#fail(envelope, error),
    );
  }

  #read({ number = 0, payload }: ReceivedEnvelope): Block {
    const layout = BLOCK_LAYOUTS[number];
    if (layout !== undefined) return decodeBlock(payload, layout);
    throw new HawserError("serialization", `the peer sent a block in the layout ${number}, which is none`);
  }

  #fail(envelope: ReceivedEnvelope, error: unknown): void {
    this.#messenger.host.handleFailure(error);
    this.#refuse(envelope, error);
  }

  #refuse({ id, isAckWanted }: ReceivedEnvelope, error: unknown): void {
    if (!isAckWanted) return;
    const { formats, host } = this.#messenger;
    this.#messenger.trySend(
      error instanceof HawserError
        ? refusalEnvelope(id, error)
        : failureEnvelope(id, error, formats, host.peer.capabilities),
    );
  }
}

// The peer's application may be long in taking it.
function sendOptionsOf({ priority, channel, deadlineMs, signal }: BlockSendOptions): SessionSendOptions {
  const until = deadlineMs === undefined ? undefined : now() + deadlineMs;
  return { typed: true, patient: true, priority, channel, signal, until };
}

/**
 * What a connection asks of whatever carries blocks for it: in web pages, which mostly have none, it is not there.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Block } from "../message/blocks/block.ts";
import type { BlockLayout } from "../message/blocks/layouts.ts";
import type { Messenger } from "./messenger.ts";
import type { Requests } from "./requests.ts";
import type { WaitOptions } from "./waiters.ts";

/** What a peer must have to get blocks. */
export const BLOCKS_CAPABILITY = "blocks";

/** How to send a block. */
export interface BlockSendOptions {
  /** How it is written. Default: the binary layout that it was signed in. */
  readonly layout?: BlockLayout;
  /** From 0 to 255, by default 128: urgent ones overtake. */
  readonly priority?: number;
  /** The channel that it is sent on. */
  readonly channel?: string;
  /** Resolve only when the peer's application has taken it. Over datagrams with `deadlineMs`, because blocks may be lost. */
  readonly ack?: boolean;
  /** How long that may take, in milliseconds. */
  readonly deadlineMs?: number;
  /** Gives up when it aborts, with its reason. */
  readonly signal?: AbortSignal;
}

/** Takes blocks. */
export type BlockHandler = (block: Block) => unknown;

/** Carries the blocks of one connection. */
export interface BlockPart {
  /** Sends a block. Resolves when there is room for the next. */
  send(block: Block, options: BlockSendOptions): Promise<void>;
  /** The next block. */
  receive(options: WaitOptions | undefined): Promise<Block>;
  /** Calls `handler` with each block from now on. */
  onBlock(handler: BlockHandler | undefined): void;
}

/** What lets connections carry blocks. */
export interface BlockSupport {
  /** @ignore Makes what carries the blocks of one connection. */
  open(messenger: Messenger, requests: Requests): BlockPart;
}

/** What there is to say where nothing carries blocks. */
export function noBlocks(): HawserError {
  return new HawserError(
    "unsupported",
    "this connection carries no blocks: give connect the option blocks of @hawser/hawser/blocks",
  );
}

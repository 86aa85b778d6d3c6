/**
 * All that serves typed messages of one connection: made when the first of them is sent or arrives.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import { MESSAGE_LIMITS, type MessageLimits } from "../message_limits.ts";
import { Formats } from "../message/formats.ts";
import { Answers } from "./answers.ts";
import { type EventParts, Events } from "./events.ts";
import { type BlockPart, BLOCKS_CAPABILITY, type BlockSupport } from "./block_part.ts";
import { Messenger, type MessengerHost } from "./messenger.ts";
import type { Pump } from "./pump.ts";
import { Requests } from "./requests.ts";
import { Values } from "./values.ts";

/** What typed messages are sent and taken with. */
export interface MessageConfig {
  /** How values are written. */
  readonly formats: Formats;
  /** Bounds and times. */
  readonly limits: MessageLimits;
  /** What carries blocks; without it there are none. */
  readonly blocks?: BlockSupport;
}

/** What a peer is told of it. */
export function capabilitiesOf({ formats, blocks }: MessageConfig): readonly string[] {
  return blocks === undefined ? formats.capabilities : [...formats.capabilities, BLOCKS_CAPABILITY];
}

/** What there is where nothing was said. */
export const MESSAGE_DEFAULTS: MessageConfig = { formats: new Formats(), limits: MESSAGE_LIMITS };

/** The messenger, and each part that serves some kinds of envelopes. */
export class MessageParts {
  /** Sends and receives envelopes. */
  readonly messenger: Messenger;
  /** What we ask. */
  readonly requests: Requests;
  /** What we are asked. */
  readonly answers: Answers;
  /** What is sent without waiting for an answer. */
  readonly values: Values;
  /** What the peer publishes to us, and we to it. */
  readonly events: Events;
  /** Blocks; `undefined` in web pages that have not asked for them. */
  readonly blocks: BlockPart | undefined;

  /** Requests and acknowledgements that are in flight, either way. */
  get inFlight(): number {
    return this.requests.size + this.answers.size;
  }

  /** Serves typed messages from now on; if the connection has ended, `end` says how. */
  constructor(
    host: MessengerHost,
    pump: Pump,
    config: MessageConfig,
    events: EventParts,
    end: HawserError | undefined,
  ) {
    const { formats, limits } = config;
    const messenger = this.messenger = new Messenger(host, pump, formats);
    this.requests = new Requests(messenger, limits.requestsMax);
    this.answers = new Answers(messenger, limits);
    this.values = new Values(messenger, this.requests, limits.messageIdsMax);
    this.events = new Events(messenger, events, limits.unhandledMsMax);
    this.blocks = config.blocks?.open(messenger, this.requests);
    if (end !== undefined) messenger.handleEnd(end);
  }
}

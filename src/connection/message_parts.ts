/**
 * All that serves typed messages of one connection: made when the first of them is sent or arrives.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import type { Formats } from "../message/formats.ts";
import { Answers } from "./answers.ts";
import { Messenger, type MessengerHost } from "./messenger.ts";
import type { Pump } from "./pump.ts";
import { Requests } from "./requests.ts";
import { Values } from "./values.ts";

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

  /** Serves typed messages from now on; if the connection has ended, `end` says how. */
  constructor(host: MessengerHost, pump: Pump, formats: Formats, end: HawserError | undefined) {
    const messenger = this.messenger = new Messenger(host, pump, formats);
    this.requests = new Requests(messenger);
    this.answers = new Answers(messenger);
    this.values = new Values(messenger, this.requests);
    if (end !== undefined) messenger.handleEnd(end);
  }
}

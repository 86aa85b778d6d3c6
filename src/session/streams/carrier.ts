/**
 * What carries the frames of one stream where the main lane does not.
 *
 * @module
 */

import type { Flow } from "../scheduler.ts";
import type { ReceiveStream } from "./receive_stream.ts";

/** A way of one stream's own. */
export interface StreamCarrier {
  /** Takes the stream's sending half; `wake` says that something of it may leave. */
  addFlow(flow: Flow): { wake(): void };
  /** The receiving half has a word for the peer. */
  handleControl(incoming: ReceiveStream): void;
}

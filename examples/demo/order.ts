/**
 * What the dialler is told, as the one argument of its program.
 *
 * @module
 */

import type { Endpoint } from "./events.ts";
import type { WorkOptions } from "./work.ts";

/** What the dialler is to do. */
export interface DialerOrder {
  /** What another process listens on. */
  readonly endpoints: readonly Endpoint[];
  /** Transports on which the process is both ends. */
  readonly selfTransports: readonly string[];
  readonly work: WorkOptions;
  /** Bytes of files that go over the plain runtime at most. */
  readonly controlBytesMax: number;
}

/** Reads an order. */
export function parseOrder(text: string | undefined): DialerOrder {
  if (text === undefined) throw new TypeError("the dialler is started by main.ts, with an order in JSON");
  return JSON.parse(text) as DialerOrder;
}

/**
 * What the two programs of the demo tell the one that started them: one line of JSON per event.
 *
 * @module
 */

/** What was measured over one channel. */
export interface Figures {
  /** Bytes of files. */
  readonly bytes: number;
  /** Millions of bytes of files per second, from the disk here to the hash there. */
  readonly mbPerSecond: number;
  /** Small messages there and back per second. */
  readonly messagesPerSecond: number;
  /** The median round trip of one small message, in milliseconds. */
  readonly p50Ms: number;
  /** The round trip that 99 of 100 do not exceed. */
  readonly p99Ms: number;
}

/** One row of the table: Hawser's figures, and those of the plain runtime beside them. */
export interface Row extends Figures {
  readonly transport: string;
  /** The runtime that listens. */
  readonly listener: string;
  /** The runtime that dials. */
  readonly dialer: string;
  readonly control: Figures;
}

/** Where a transport is to be dialled. */
export interface Endpoint {
  readonly transport: string;
  /** Hawser's URL, with the peer id. */
  readonly url: string;
  /** The port of the plain listener beside it. */
  readonly controlPort: number;
}

/** A line of the listener, or of the dialler. */
export type DemoEvent =
  /** All that can listen does. */
  | { readonly event: "ready"; readonly endpoints: readonly Endpoint[] }
  /** A transport or the work over it failed. */
  | { readonly event: "failed"; readonly transport: string; readonly reason: string }
  /** Still at work. */
  | {
    readonly event: "progress";
    readonly transport: string;
    readonly what: string;
    readonly bytes: number;
    readonly messages: number;
  }
  /** All was measured; `resent` counts what was lost and sent again. */
  | {
    readonly event: "measured";
    readonly transport: string;
    readonly figures: Figures;
    readonly control: Figures;
    readonly files: number;
    readonly resent: number;
    readonly controlResent: number;
  };

/** Tells the parent. */
export function tell(event: DemoEvent): void {
  console.log(JSON.stringify(event));
}

/**
 * Reads a line that `tell` wrote.
 * @throws {SyntaxError} if it is none.
 */
export function parseEvent(line: string): DemoEvent {
  return JSON.parse(line) as DemoEvent;
}

/** An error in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

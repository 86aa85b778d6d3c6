/**
 * The figures as a table for people.
 *
 * @module
 */

import type { Row } from "./events.ts";

/** A row, and what was lost and sent again on the way. */
export interface TableRow extends Row {
  readonly resent: number;
  readonly controlResent: number;
}

const HEAD = [
  "transport",
  "listens",
  "dials",
  "MB",
  "MB/s",
  "raw",
  "messages/s",
  "raw",
  "p50 ms",
  "raw",
  "p99 ms",
];
const LEFT = 3;

/** Lays the rows out in columns. */
export function tableOf(rows: readonly TableRow[]): string {
  const cells = [[...HEAD, "raw", "sent again", "raw"], ...rows.map(cellsOf)];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const lines = cells.map((row) =>
    row.map((cell, column) => column < LEFT ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))
      .join("  ").trimEnd()
  );
  return lines.join("\n");
}

function cellsOf(row: TableRow): string[] {
  const { transport, listener, dialer, control } = row;
  return [
    transport,
    listener,
    dialer,
    (row.bytes / 1e6).toFixed(1),
    row.mbPerSecond.toFixed(0),
    control.mbPerSecond.toFixed(0),
    row.messagesPerSecond.toFixed(0),
    control.messagesPerSecond.toFixed(0),
    row.p50Ms.toFixed(3),
    control.p50Ms.toFixed(3),
    row.p99Ms.toFixed(3),
    control.p99Ms.toFixed(3),
    String(row.resent),
    String(row.controlResent),
  ];
}

// Notes which runtime reached which over which transport; the run of all tests makes PORTABILITY.md of it.

import { appendFileSync } from "node:fs";
import process from "node:process";

/** Where a listener or a dialler runs. */
export type Place = "deno" | "bun" | "node" | "workerd" | "chromium";

/** One cell of the matrix, as a test saw it. */
export interface Cell {
  /** Scheme of the transport, without colon. */
  readonly scheme: string;
  readonly listener: Place;
  readonly dialler: Place;
  /** `refused`: with the typed error that belongs there. */
  readonly outcome: "passed" | "refused";
}

/** Notes a cell, if the run that we are part of collects them. */
export function noteCell(cell: Cell): void {
  const file = process.env.HAWSER_PORTABILITY;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(cell)}\n`);
}

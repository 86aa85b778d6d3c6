/**
 * What one process of a measurement is told.
 *
 * @module
 */

import type { DataKind } from "../data.ts";
import type { Contender, Work } from "./measures.ts";

/** What a process is to do. */
export interface Task {
  readonly contender: Contender;
  readonly work: Work;
  readonly data: DataKind;
  readonly compress: boolean;
  /** Where the other process serves; without it this one serves, or is alone. */
  readonly address?: string;
}

/** Whether one process does it all. */
export function isAlone({ contender, work }: Task): boolean {
  if (work.kind === "path") return work.scheme === "mem" || contender === "seal+open";
  return work.kind === "handshakes";
}

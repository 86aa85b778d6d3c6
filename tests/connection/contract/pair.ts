/**
 * Two ends of a connection: one asks, one answers, and what went wrong there is noted.
 *
 * @module
 */

import type { Connection } from "../../../mod.ts";
import { pair as connect } from "../pair.ts";

/** Both ends; the connection ends with it. */
export interface Pair extends AsyncDisposable {
  readonly caller: Connection;
  readonly answerer: Connection;
  /** What `onError` of the end that answers was told. */
  readonly failures: unknown[];
}

/** Connects over TCP on loopback. */
export async function pair(): Promise<Pair> {
  const ends = await connect();
  const failures: unknown[] = [];
  ends.there.onError((error) => failures.push(error));
  const dispose = () => ends[Symbol.asyncDispose]();
  return { caller: ends.here, answerer: ends.there, failures, [Symbol.asyncDispose]: dispose };
}

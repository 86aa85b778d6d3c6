/**
 * Why Bun could not listen.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import type { HawserError } from "../errors.ts";
import type { Address } from "../link.ts";
import { failure } from "./failure.ts";

/** The error of a listen that failed with `cause`: Bun gives no code for a host name that cannot be resolved. */
export async function bunListenFailure(cause: unknown, address: Address): Promise<HawserError> {
  const doing = `cannot listen on ${address.href}`;
  try {
    await lookup(address.host);
  } catch (unresolved) {
    return failure(unresolved, doing);
  }
  return failure(cause, doing);
}

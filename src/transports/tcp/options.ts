/**
 * Which options sockets of TCP cannot have, with TLS above them or without.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { TransportOptions } from "../../link.ts";
import { runtime } from "../runtime.ts";

/** @throws {HawserError} `unsupported` for an option that no runtime has: it is not ignored. */
export function checkTcpOptions(options: TransportOptions): void {
  if (options.ttl !== undefined) {
    throw new HawserError(
      "unsupported",
      "no runtime lets the ttl of a TCP socket be set; leave the option out",
    );
  }
  if (options.reuseAddress === false) {
    throw new HawserError(
      "unsupported",
      `${runtime} always sets SO_REUSEADDR on TCP listeners; leave reuseAddress out`,
    );
  }
}

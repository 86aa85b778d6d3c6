/**
 * `shm://name` where memory is shared between the workers of one page only: in browsers.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Transport } from "../../link.ts";
import { dial, listen } from "./threads.ts";

/** The transport of `shm://` in pages and their workers. */
export const webShm: Transport = {
  schemes: ["shm"],

  // deno-lint-ignore require-await -- what is thrown here must reject
  async dial(address, { signal }) {
    requireName(address);
    return dial(address, signal);
  },

  // deno-lint-ignore require-await -- as above
  async listen(address, _options, handler) {
    requireName(address);
    return listen(address, handler);
  },
};

function requireName({ path, href }: Address): void {
  if (path === "") return;
  const advice = "write shm://name, with the name of a port";
  throw new HawserError("unsupported", `${href} is memory of processes, and a page shares none: ${advice}`);
}

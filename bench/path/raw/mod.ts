/**
 * The control: the networks of the running runtime, without anything of Hawser.
 *
 * @module
 */

import { currentRuntime } from "../../../tests/runtimes/runtimes.ts";
import type { RawNetworks } from "../pipe.ts";

/** The bare networks of the running runtime. */
export async function rawNetworks(): Promise<RawNetworks> {
  switch (currentRuntime()) {
    case "deno":
      return (await import("./deno.ts")).networks;
    case "bun":
      return (await import("./bun.ts")).networks;
    case "node":
      return (await import("./node.ts")).networks;
  }
}

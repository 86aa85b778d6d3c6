/**
 * Which JavaScript runtime this is.
 *
 * @module
 */

/** The runtimes that Hawser tells apart. */
export type Runtime = "deno" | "bun" | "node" | "browser" | "workerd";

/** The runtime that executes this program. */
export const runtime: Runtime = detect();

function detect(): Runtime {
  const names = globalThis as {
    Bun?: unknown;
    Deno?: { version?: unknown };
    navigator?: { userAgent?: string };
    process?: { versions?: { node?: string } };
  };
  // Bun and workerd offer a `process` too, so Node comes after them.
  if (names.Bun !== undefined) return "bun";
  if (names.Deno?.version !== undefined) return "deno";
  if (names.navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  if (names.process?.versions?.node !== undefined) return "node";
  return "browser";
}

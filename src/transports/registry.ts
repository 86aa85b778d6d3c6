/**
 * Finds the transport of a scheme: those of Hawser load when first needed, those of users are registered.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Transport } from "../link.ts";

// Literal specifiers, so that bundlers and registries see every file.
const BUILT_IN: ReadonlyMap<string, () => Promise<Transport>> = new Map([
  ["tcp", async () => (await import("./tcp/mod.ts")).tcp],
  ["udp", async () => (await import("./udp/mod.ts")).udp],
  ["ws", async () => (await import("./ws/mod.ts")).ws],
  ["unix", async () => (await import("./unix/mod.ts")).unix],
  ["mem", async () => (await import("./mem/mod.ts")).mem],
]);

const registered = new Map<string, Transport>();

/**
 * Adds a transport of the user's own. It serves its schemes from now on, in place of a built-in one of that name.
 *
 * @throws {TypeError} if a scheme is not a word in lower case
 * @throws {RangeError} if a scheme was registered before
 *
 * @example
 * ```ts
 * import { connect, HawserError, registerTransport } from "@hawser/hawser";
 *
 * const unreachable = () => Promise.reject(new HawserError("unsupported", "no pigeon can be had"));
 * registerTransport({ schemes: ["pigeon"], dial: unreachable, listen: unreachable });
 *
 * await connect("pigeon://loft", { trust: () => true }).catch((error) => console.log(error.message));
 * ```
 */
export function registerTransport(transport: Transport): void {
  for (const scheme of transport.schemes) {
    if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) {
      throw new TypeError(`${JSON.stringify(scheme)} is no scheme: letters in lower case, digits, + . -`);
    }
    if (registered.has(scheme)) throw new RangeError(`the scheme ${scheme} is registered already`);
  }
  for (const scheme of transport.schemes) registered.set(scheme, transport);
}

/**
 * The transport that serves `scheme`.
 *
 * Whether the runtime can do what is asked of it shows at the dial or the listen: it rejects with `unsupported`.
 *
 * @throws {HawserError} `invalid-address` if nobody serves it
 */
export async function transportFor(scheme: string): Promise<Transport> {
  const transport = registered.get(scheme) ?? await BUILT_IN.get(scheme)?.();
  if (transport !== undefined) return transport;
  const known = [...new Set([...BUILT_IN.keys(), ...registered.keys()])].map((name) => `${name}://`).join(
    ", ",
  );
  throw new HawserError(
    "invalid-address",
    `no transport serves ${scheme}://; known are ${known}; registerTransport adds others`,
  );
}

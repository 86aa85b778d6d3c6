/**
 * Who serves which scheme: the transports of a runtime, which load when first needed, and those of the user.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Transport } from "../link.ts";

/** Loads a transport. */
export type TransportLoader = () => Transport | Promise<Transport>;

/** Finds the transport of a scheme. */
export class TransportTable {
  readonly #builtIn: Readonly<Record<string, TransportLoader>>;
  readonly #registered: Map<string, Transport> = new Map();

  /** Starts with the transports that come with Hawser, by scheme. */
  constructor(builtIn: Readonly<Record<string, TransportLoader>>) {
    this.#builtIn = builtIn;
  }

  /**
   * Adds a transport of the user's own, in place of a built-in one of that name.
   * @throws {TypeError} if a scheme is not a word in lower case
   * @throws {RangeError} if a scheme was registered before
   */
  register(transport: Transport): void {
    for (const scheme of transport.schemes) {
      if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) {
        throw new TypeError(`${JSON.stringify(scheme)} is no scheme: letters in lower case, digits, + . -`);
      }
      if (this.#registered.has(scheme)) throw new RangeError(`the scheme ${scheme} is registered already`);
    }
    for (const scheme of transport.schemes) this.#registered.set(scheme, transport);
  }

  /**
   * The transport that serves `scheme`.
   *
   * Whether the runtime can do what is asked of it shows at the dial or the listen: it rejects with `unsupported`.
   *
   * @throws {HawserError} `invalid-address` if nobody serves it
   */
  async find(scheme: string): Promise<Transport> {
    const builtIn = Object.hasOwn(this.#builtIn, scheme) ? this.#builtIn[scheme] : undefined;
    const transport = this.#registered.get(scheme) ?? await builtIn?.();
    if (transport !== undefined) return transport;
    const known = new Set([...Object.keys(this.#builtIn), ...this.#registered.keys()]);
    throw new HawserError(
      "invalid-address",
      `no transport serves ${scheme}://; known are ${[...known].map((name) => `${name}://`).join(", ")}; ` +
        "registerTransport adds others",
    );
  }
}

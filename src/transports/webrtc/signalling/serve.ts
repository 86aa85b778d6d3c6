/**
 * A signalling endpoint that runs by itself, on Deno, Bun and Node.
 *
 * @module
 */

import { HawserError } from "../../../errors.ts";
import { formatAddress, parseAddress } from "../../address.ts";
import { failure } from "../../failure.ts";
import { runtime } from "../../runtime.ts";
import type { SignallingOptions } from "./endpoint.ts";
import { SignallingHub } from "./hub.ts";

/** An endpoint that runs. */
export interface SignallingServer extends AsyncDisposable {
  /** What peers are told: `ws://host:port/path`. */
  readonly url: string;
  /** Stops; connections that were made with its help live on. */
  close(): Promise<void>;
}

/** What a runtime's file is asked for. */
export interface Serve {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly hub: SignallingHub;
  readonly options: SignallingOptions;
}

/** What a runtime's file answers. */
export interface Served {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves signalling at `address`; port 0 takes a free one. For an endpoint with TLS, put it behind a proxy, or into a
 * server of your own with `signallingEndpoint`.
 *
 * @throws {HawserError} `invalid-address`, `address-in-use`, or `unsupported` with what to install: the package `hono`;
 * on Node `@hono/node-server` and `ws` too
 *
 * @example
 * ```ts
 * import { serveSignalling } from "@hawser/hawser/signalling";
 *
 * await using endpoint = await serveSignalling("ws://127.0.0.1:0/signalling");
 * console.log(endpoint.url.startsWith("ws://127.0.0.1:")); // true
 * ```
 */
export async function serveSignalling(
  address: string,
  options: SignallingOptions = {},
): Promise<SignallingServer> {
  const { scheme, host, port, path, href } = parseAddress(address);
  if (scheme !== "ws" || path.includes("?")) {
    throw new HawserError(
      "invalid-address",
      `${href} is no place for an endpoint; write ws://127.0.0.1:0/path`,
    );
  }
  const hub = new SignallingHub(options.namesMax);
  let served: Served;
  try {
    const { serve } = await adapter();
    served = await serve({ host, port, path: path || "/", hub, options });
  } catch (cause) {
    throw isMissing(cause) ? missing(cause) : failure(cause, `cannot serve ${href}`);
  }
  let closed: Promise<void> | undefined;
  const close = () => {
    hub.close();
    return closed ??= served.stop();
  };
  const url = formatAddress({ scheme, host, port: served.port, path: path || "/" });
  return { url, close, [Symbol.asyncDispose]: close };
}

async function adapter(): Promise<{ serve(what: Serve): Promise<Served> }> {
  switch (runtime) {
    case "deno":
      return await import("./serve_deno.ts");
    case "bun":
      return await import("./serve_bun.ts");
    case "node":
      return await import("./serve_node.ts");
    default:
      throw new HawserError(
        "unsupported",
        `${runtime} cannot serve by itself; give signallingEndpoint to a Hono of yours`,
      );
  }
}

function isMissing(cause: unknown): boolean {
  const { code, message = "" } = cause as Partial<Error & { code: string }>;
  return code === "ERR_MODULE_NOT_FOUND" ||
    /Cannot find (module|package)|Could not (find|resolve)/.test(message);
}

function missing(cause: unknown): HawserError {
  const packages = runtime === "node" ? "hono @hono/node-server ws" : "hono";
  return new HawserError("unsupported", `the signalling endpoint needs packages: npm install ${packages}`, {
    cause,
  });
}

/**
 * Upgrades below an HTTP framework on Bun: the server of `Bun.serve`, which the framework's `env` is or has.
 *
 * @module
 */

import { HawserError } from "../../../errors.ts";
import { formatAddress } from "../../address.ts";
import type { ClientData } from "../bun_link.ts";
import { SUBPROTOCOL } from "../upgrade.ts";
import type { HostedUpgrade } from "./mod.ts";

interface BunServer {
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
  upgrade(request: Request, options: { headers: Record<string, string>; data: ClientData }): boolean;
}

/**
 * Hands the request to Bun; the answer that is returned then goes nowhere. `undefined` where it is malformed.
 * @throws {HawserError} `unsupported` where `env` has no server
 */
export function upgradeOnBun({ request, env, localAddress }: HostedUpgrade): Response | undefined {
  const server = serverOf(env);
  const { address: host = "0.0.0.0", port = 0 } = server.requestIP(request) ?? {};
  const remoteAddress = formatAddress({ scheme: "ws", host, port });
  const data = { remoteAddress, localAddress, link: undefined };
  const headers = { "Sec-WebSocket-Protocol": SUBPROTOCOL };
  return server.upgrade(request, { headers, data }) ? new Response(null) : undefined;
}

function serverOf(env: unknown): BunServer {
  const { server = env } = (env ?? {}) as { server?: unknown };
  if (typeof (server as Partial<BunServer> | undefined)?.upgrade === "function") return server as BunServer;
  throw new HawserError(
    "unsupported",
    "the handler does not get Bun's server: Bun.serve({ fetch: app.fetch, websocket: endpoint.websocket })",
  );
}

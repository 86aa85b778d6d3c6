/**
 * STUN and TURN servers: written as the web writes them (RFC 7064, RFC 7065), read for node-datachannel.
 *
 * @module
 */

import type { IceServer } from "../../signalling.ts";

/** One server, taken apart. */
export interface IceTarget {
  readonly scheme: "stun" | "stuns" | "turn" | "turns";
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** How the server is spoken to. */
  readonly transport: "udp" | "tcp" | "tls";
  readonly username: string | undefined;
  readonly credential: string | undefined;
}

const URL_OF_SERVER =
  /^(stuns?|turns?):(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/;

/**
 * Every URL of `servers` as a target.
 * @throws {TypeError} for a URL that is none, and for a TURN server without user and password
 */
export function iceTargets(servers: readonly IceServer[]): IceTarget[] {
  return servers.flatMap((server) => {
    const { urls, username, credential } = server;
    return (typeof urls === "string" ? [urls] : urls).map((url) => targetOf(url, username, credential));
  });
}

function targetOf(url: string, username: string | undefined, credential: string | undefined): IceTarget {
  const [, scheme, host, port, transport] = URL_OF_SERVER.exec(url) ?? [];
  if (scheme === undefined || Number(port ?? 1) > 65_535 || (transport && scheme.startsWith("stun"))) {
    throw new TypeError(
      `${JSON.stringify(url)} is no ICE server: write stun:host:port or turn:host:port?transport=udp`,
    );
  }
  if (scheme.startsWith("turn") && (typeof username !== "string" || typeof credential !== "string")) {
    throw new TypeError(`the ICE server ${url} needs a username and a credential`);
  }
  const isSecure = scheme.endsWith("s");
  return {
    scheme: scheme as IceTarget["scheme"],
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port === undefined ? (isSecure ? 5349 : 3478) : Number(port),
    transport: isSecure ? "tls" : transport as "udp" | "tcp" | undefined ?? "udp",
    username,
    credential,
  };
}

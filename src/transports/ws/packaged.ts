/**
 * Dials `ws://` and `wss://` with the package `ws`: over a socket of our own, so that TLS is the same as that of `tls://`,
 * and through proxies.
 *
 * @module
 */

import type { Socket } from "node:net";
import { HawserError } from "../../errors.ts";
import type { Address, Link } from "../../link.ts";
import { dialThroughProxy } from "../proxy.ts";
import { type DialOptions, dialTls } from "../tls/dial.ts";
import { tlsFailure } from "../tls/refusal.ts";
import { establish, notHawser, opened } from "./establish.ts";
import { SUBPROTOCOL } from "./upgrade.ts";

const HTTPS_PORT = 443;
const HTTP_PORT = 80;

type Package = typeof import("ws");

/** The package, or `undefined` where it is not installed. */
export async function loadPackage(): Promise<Package | undefined> {
  try {
    return await import("ws");
  } catch {
    return undefined;
  }
}

/**
 * Opens a link; see `Transport.dial`.
 *
 * @throws {HawserError} `unsupported` where the package is not installed
 */
export async function dialPackaged(
  address: Address,
  options: DialOptions,
  messageBytesMax: number,
): Promise<Link> {
  const ws = await loadPackage();
  if (ws === undefined) {
    const what = `dialling ${address.href} with tls, proxy or deflate needs a package: npm install ws`;
    throw new HawserError("unsupported", what);
  }
  options.signal?.throwIfAborted();
  const open = (socket?: Socket) => openPackaged(ws, address, messageBytesMax, options.deflate, socket);
  const socket = await overSocket(address, options, open);
  return await establish(address, socket, messageBytesMax, options.signal, (cause) => {
    const { code } = (cause ?? {}) as { code?: unknown };
    const isKnown = typeof code === "string" && !code.startsWith("WS_");
    return Promise.resolve(
      isKnown ? tlsFailure(cause, `cannot dial ${address.href}`) : notHawser(address, cause),
    );
  });
}

/** A WebSocket of the package that is connecting, over `socket` if there is one. */
export function openPackaged(
  { WebSocket: PackagedSocket }: Package,
  address: Address,
  messageBytesMax: number,
  deflate = false,
  socket?: Socket,
): WebSocket {
  // Whatever it has to say before the WebSocket listens, its end says too.
  socket?.on("error", () => {});
  return opened(address, () =>
    new PackagedSocket(address.href, [SUBPROTOCOL], {
      perMessageDeflate: deflate,
      // Somewhat more than is taken, so that a message which is too large is refused as on every other runtime.
      maxPayload: 2 * messageBytesMax,
      createConnection: socket === undefined ? undefined : () => socket,
    }) as unknown as WebSocket);
}

async function overSocket(
  address: Address,
  options: DialOptions,
  open: (socket?: Socket) => WebSocket,
): Promise<WebSocket> {
  const isSecure = address.scheme === "wss";
  const target = { ...address, port: address.port || (isSecure ? HTTPS_PORT : HTTP_PORT) };
  if (isSecure) return await dialTls(target, options, open);
  if (options.proxy === undefined) return open();
  return open(await dialThroughProxy(options.proxy, target, options.signal));
}

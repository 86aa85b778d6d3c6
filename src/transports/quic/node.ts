/**
 * QUIC on Node: quiche over `node:dgram`.
 *
 * @module
 */

import { isIP } from "node:net";
import type { Address, Listening } from "../../link.ts";
import { tlsError } from "../tls/refusal.ts";
import { resolveHost } from "../udp/options.ts";
import { judgeCertificate } from "./certificate.ts";
import { CLOSE_CODES, type QuicConnection } from "./connection.ts";
import type { QuicDoor } from "./door.ts";
import { probeForNobody } from "./nobody.ts";
import { QuicFailure } from "./failure.ts";
import type { NodeConnection } from "./node_connection.ts";
import { dialConfig, listenConfig, loadQuiche, type Quiche } from "./node_quiche.ts";
import { NodeQuicSocket } from "./node_socket.ts";
import type { QuicDialSettings, QuicListenSettings } from "./settings.ts";

/** Opens a connection; see `QuicRuntime`. */
export async function dial(
  address: Address,
  settings: QuicDialSettings,
  signal: AbortSignal,
): Promise<QuicConnection> {
  const host = await resolveHost(address.host, signal);
  const quiche = await loadQuiche();
  let socket = await diallingSocket(quiche, host);
  while (!socket.isOpen) socket = await diallingSocket(quiche, host); // It closed while we waited.
  // SNI carries names only (RFC 6066 §3), and quiche compares no addresses: that is judged below.
  const serverName = isIP(settings.serverName) === 0 ? settings.serverName : null;
  const config = dialConfig(quiche, settings);
  const connection = socket.dial({ host, port: address.port }, serverName, config, settings.keepAliveMs);
  socket.letGo();
  const probe = probeForNobody(host, address.port);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) throw signal.reason;
    await Promise.race([connection.opened, aborted, probe.refused]);
    const refusal = judgeCertificate(connection.certificate, settings, Date.now());
    if (refusal !== undefined) throw tlsError(refusal, `cannot dial ${address.href}`);
    return connection;
  } catch (cause) {
    connection.close(CLOSE_CODES.aborted);
    throw clearer(cause, connection, settings);
  } finally {
    probe.stop();
    signal.removeEventListener("abort", onAbort);
  }
}

// BoringSSL says the same alert (42) for a wrong name and for dates that are not yet valid.
function clearer(cause: unknown, connection: NodeConnection, settings: QuicDialSettings): unknown {
  if (!(cause instanceof QuicFailure) || cause.said.alert !== 42 || cause.said.byPeer) return cause;
  const refusal = judgeCertificate(connection.certificate, settings, Date.now());
  return refusal === undefined
    ? new QuicFailure(cause.said, "not yet valid", cause)
    : new QuicFailure(cause.said, refusal, cause);
}

const sockets = new Map<string, Promise<NodeQuicSocket>>();

// All dials of a family share a socket as long as there is a connection on it.
function diallingSocket(quiche: Quiche, target: string): Promise<NodeQuicSocket> {
  const host = target.includes(":") ? "::" : "0.0.0.0";
  const known = sockets.get(host);
  if (known !== undefined) return known;
  const forget = () => void sockets.delete(host);
  const socket = NodeQuicSocket.bind(quiche, { host, port: 0 }, forget);
  socket.catch(forget);
  sockets.set(host, socket);
  return socket;
}

/** Listens; see `QuicRuntime`. */
export async function listen(
  address: Address,
  settings: QuicListenSettings,
  door: QuicDoor,
): Promise<Listening> {
  const quiche = await loadQuiche();
  const host = await resolveHost(address.host);
  const socket = await NodeQuicSocket.bind(quiche, { host, port: address.port });
  socket.accept({
    config: listenConfig(quiche, settings),
    keepAliveMs: settings.keepAliveMs,
    hasRoom: () => door.hasRoom,
    onConnection: (connection) => door.admit(connection),
  });
  return { url: socket.url, close: () => Promise.resolve(socket.letGo()) };
}

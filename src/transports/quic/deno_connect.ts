/**
 * Dials QUIC on Deno, and says what Deno says.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address } from "../../link.ts";
import { resolveHost } from "../udp/options.ts";
import { SharedEndpoint } from "./deno_endpoints.ts";
import { QuicFailure } from "./failure.ts";
import type { QuicDialSettings, QuicSettings } from "./settings.ts";

/**
 * Opens a connection; gives up as soon as `signal` aborts. `unidirectionalStreamsMax`: how many of these the peer may
 * have open. Rejects with what Deno says, as a `QuicFailure` where it can be taken apart.
 */
export async function connectConn(
  address: Address,
  settings: QuicDialSettings,
  signal: AbortSignal,
  unidirectionalStreamsMax = 0,
): Promise<Deno.QuicConn> {
  requireQuic();
  const hostname = await resolveHost(address.host, signal);
  const shared = SharedEndpoint.acquire();
  const { hashes, ca } = settings;
  const options = {
    ...transportOptions(settings, unidirectionalStreamsMax),
    hostname,
    port: address.port,
    serverName: settings.serverName,
    endpoint: shared.endpoint,
    caCerts: ca === undefined ? undefined : [...ca],
    serverCertificateHashes: hashes?.map((value) => ({ algorithm: "sha-256", value })),
    zeroRtt: settings.earlyData,
  };
  let connecting: Promise<Deno.QuicConn>;
  try {
    connecting = Promise.resolve(Deno.connectQuic<boolean>(options));
  } catch (cause) {
    shared.release();
    throw told(cause);
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const conn = await Promise.race([connecting, aborted]);
    void conn.closed.then(() => shared.release(), () => shared.release());
    return conn;
  } catch (cause) {
    // Whatever becomes of a dial that was given up, it is closed.
    if (signal.aborted) connecting.then((conn) => conn.close(), () => {});
    shared.release(signal.aborted);
    throw told(cause);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** What both ends tell Deno. */
export function transportOptions(
  settings: QuicSettings,
  unidirectionalStreamsMax = 0,
): Deno.QuicTransportOptions & { alpnProtocols: string[] } {
  const { keepAliveMs, idleMsMax, streamsMax, alpn } = settings;
  return {
    alpnProtocols: [...alpn],
    keepAliveInterval: keepAliveMs === Infinity ? undefined : keepAliveMs,
    maxIdleTimeout: idleMsMax,
    maxConcurrentBidirectionalStreams: streamsMax + 1, // One is the link.
    maxConcurrentUnidirectionalStreams: unidirectionalStreamsMax,
  };
}

/** What Deno said, taken apart where it can be: it has words only. */
export function told(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name !== "Error") return cause;
  const { message } = cause;
  const byPeer = message.includes("by peer");
  const alert = /handshake failed: error (\d+)/.exec(message)?.[1];
  if (alert !== undefined) return new QuicFailure({ alert: Number(alert), byPeer }, message, cause);
  if (message.includes("timed out")) return new QuicFailure({ timeout: true }, message, cause);
  if (message.includes("refused to accept")) return new QuicFailure({ refused: true }, message, cause);
  const application = /closed by peer: .*?(\d+)/.exec(message)?.[1];
  if (application !== undefined) return new QuicFailure({ application: BigInt(application) }, message, cause);
  return byPeer ? new QuicFailure({}, message, cause) : cause;
}

/**
 * Must come first.
 * @throws {HawserError} `unsupported` where Deno was not asked for QUIC
 */
export function requireQuic(): void {
  if (typeof Deno.QuicEndpoint === "function") return;
  throw new HawserError(
    "unsupported",
    'Deno offers QUIC only if it is asked to: run it with --unstable-net, or put "unstable": ["net"] into deno.json',
  );
}

/**
 * WebTransport on Deno: HTTP/3 of our own over `Deno.QuicEndpoint`.
 *
 * @module
 */

import { HTTP3_STREAMS_MAX } from "../../quic_limits.ts";
import type { Address, Link, ListenHandler, Listening, TransportOptions } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { CLOSE_CODES, type QuicConnection } from "../quic/connection.ts";
import { connectConn, requireQuic, transportOptions } from "../quic/deno_connect.ts";
import { DenoServer } from "../quic/deno_server.ts";
import { dialQuic } from "../quic/dial.ts";
import { QuicDoor } from "../quic/door.ts";
import { quicError } from "../quic/failure.ts";
import { listenSettings, type QuicDialSettings } from "../quic/settings.ts";
import { resolveHost } from "../udp/options.ts";
import { placeOf } from "./place.ts";
import { type CertificateTimes, RotatingCertificate } from "./rotating_certificate.ts";
import { WtSession } from "./session.ts";

// RFC 9114 §3.1.
const PROTOCOL = ["h3"];

/** Opens a link; see `Transport.dial`. */
export function dial(
  address: Address,
  options: TransportOptions & { readonly signal?: AbortSignal },
): Promise<Link> {
  const { tls, quic = {} } = options;
  const hashes = [...placeOf(address).hashes, ...quic.serverCertificateHashes ?? []];
  return dialQuic({ dial: dialSession }, { ...address, port: address.port || 443 }, {
    ...options,
    tls: { ...tls, alpn: PROTOCOL },
    quic: { ...quic, serverCertificateHashes: hashes.length > 0 ? hashes : undefined },
  });
}

/** Listens; see `Transport.listen`. `times`: how long certificates live that are made here. */
export async function listen(
  address: Address,
  options: TransportOptions,
  handler: ListenHandler,
  times?: CertificateTimes,
): Promise<Listening> {
  requireQuic();
  const { tls = {} } = options;
  const names = [...new Set([address.host, "localhost", "127.0.0.1", "::1"])];
  const certificate = tls.cert === undefined ? await RotatingCertificate.create(names, times) : undefined;
  const credentials = certificate && { cert: certificate.current.certPem, key: certificate.current.keyPem };
  const settings = listenSettings({ ...options, tls: { ...tls, ...credentials, alpn: PROTOCOL } });
  const told = transportOptions(settings, HTTP3_STREAMS_MAX);
  const door = new QuicDoor(handler, options, settings.handshakeMsMax);
  try {
    const host = await resolveHost(address.host);
    const server = new DenoServer(host, address.port, { ...told, cert: settings.cert, key: settings.key });
    const { hostname, port } = server.address;
    const path = address.path.split("?")[0];
    const rules = {
      path: path || "/",
      origins: (options.origins ?? []).map((origin) => origin.toLowerCase()),
    };
    const place = formatAddress({ scheme: "wt", host: hostname, port, path });
    const urlNow = () => {
      return certificate === undefined ? place : `${place}${path === "" ? "/" : ""}?${certificate.query}`;
    };
    void server.accept(
      () => door.hasRoom,
      (conn) => {
        const ends = { localAddress: urlNow(), remoteAddress: urlOf(conn.remoteAddr) };
        door.admit(new WtSession({ conn, ...ends, rules }));
      },
    );
    certificate?.start(({ certPem: cert, keyPem: key }) => server.renew({ ...told, cert, key }));
    return {
      get url() {
        return urlNow();
      },
      close() {
        certificate?.stop();
        door.close();
        return Promise.resolve(server.close());
      },
    };
  } catch (cause) {
    throw quicError(cause, `cannot listen on ${address.href}`);
  }
}

async function dialSession(
  address: Address,
  settings: QuicDialSettings,
  signal: AbortSignal,
): Promise<QuicConnection> {
  const { authority, path } = placeOf(address);
  const conn = await connectConn(address, settings, signal, HTTP3_STREAMS_MAX);
  const session = new WtSession({
    conn,
    localAddress: urlOf(conn.endpoint.addr),
    remoteAddress: address.href,
  });
  const onAbort = () => session.close(CLOSE_CODES.aborted);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await session.open(authority, path);
    return session;
  } catch (cause) {
    session.close(CLOSE_CODES.aborted);
    throw cause;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function urlOf({ hostname, port }: Deno.NetAddr): string {
  return formatAddress({ scheme: "wt", host: hostname, port });
}

/**
 * QUIC on Deno: `Deno.QuicEndpoint`, `Deno.connectQuic`.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { QUIC_DATAGRAMS_MAX } from "../../quic_limits.ts";
import type { Address, Listening } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { resolveHost } from "../udp/options.ts";
import type { QuicConnection, QuicHandler, QuicStream } from "./connection.ts";
import { connectConn, requireQuic, told, transportOptions } from "./deno_connect.ts";
import { DenoServer } from "./deno_server.ts";
import type { QuicDoor } from "./door.ts";
import { QuicFailure } from "./failure.ts";
import type { QuicDialSettings, QuicListenSettings } from "./settings.ts";
import { WebStream } from "./web_stream.ts";

/** Opens a connection; see `QuicRuntime`. */
export async function dial(
  address: Address,
  settings: QuicDialSettings,
  signal: AbortSignal,
): Promise<QuicConnection> {
  return new DenoConnection(await connectConn(address, settings, signal));
}

/** Listens; see `QuicRuntime`. */
export async function listen(
  address: Address,
  settings: QuicListenSettings,
  door: QuicDoor,
): Promise<Listening> {
  requireQuic();
  const server = new DenoServer(await resolveHost(address.host), address.port, {
    ...transportOptions(settings),
    cert: settings.cert,
    key: settings.key,
  });
  const url = urlOf(server.address);
  void server.accept(() => door.hasRoom, (conn) => door.admit(new DenoConnection(conn, url)));
  return { url, close: () => Promise.resolve(server.close()) };
}

/** One connection. */
class DenoConnection implements QuicConnection {
  readonly localAddress: string;
  readonly remoteAddress: string;
  handler: QuicHandler = NOBODY;
  readonly #conn: Deno.QuicConn;
  #datagrams = 0;

  constructor(conn: Deno.QuicConn, localAddress: string = urlOf(conn.endpoint.addr)) {
    this.#conn = conn;
    this.localAddress = localAddress;
    this.remoteAddress = urlOf(conn.remoteAddr);
    conn.closed.then(
      ({ closeCode, reason }) =>
        this.handler.onClose(new QuicFailure({ application: BigInt(closeCode) }, reason)),
      (cause) => this.handler.onClose(told(cause)),
    );
    void this.#receive();
  }

  get datagramBytesMax(): number {
    return this.#conn.maxDatagramSize;
  }

  async openStream(): Promise<QuicStream> {
    try {
      return new WebStream(await this.#conn.createBidirectionalStream());
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw told(cause);
      const message = `${this.remoteAddress} allows no more streams for now; close one first`;
      throw new HawserError("limit", message, { cause });
    }
  }

  sendDatagram(bytes: Uint8Array): boolean {
    if (this.#datagrams >= QUIC_DATAGRAMS_MAX) return false;
    this.#datagrams++;
    const done = () => void this.#datagrams--;
    this.#conn.sendDatagram(bytes).then(done, done);
    return true;
  }

  close(code: bigint): void {
    this.#conn.close({ closeCode: Number(code), reason: "" });
  }

  // What arrives before the handshake is complete may be a recording that somebody plays back.
  async #receive(): Promise<void> {
    try {
      await this.#conn.handshake;
      void this.#receiveDatagrams();
      for await (const stream of this.#conn.incomingBidirectionalStreams) {
        this.handler.onStream(new WebStream(stream));
      }
    } catch {
      // The connection is gone: `closed` says why.
    }
  }

  async #receiveDatagrams(): Promise<void> {
    try {
      while (true) this.handler.onDatagram(await this.#conn.readDatagram());
    } catch {
      // The connection is gone.
    }
  }
}

const NOBODY: QuicHandler = {
  onStream: (stream) => stream.reset(),
  onDatagram() {},
  onClose() {},
};

function urlOf({ hostname, port }: Deno.NetAddr): string {
  return formatAddress({ scheme: "quic", host: hostname, port });
}

/**
 * QUIC on Bun: `node:quic`.
 *
 * @module
 */

import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { HawserError } from "../../errors.ts";
import { LINK_EARLY_BYTES_MAX, LINK_HIGH_WATER_BYTES } from "../../limits.ts";
import { QUIC_CONNECTIONS_MAX } from "../../quic_limits.ts";
import type { Address, Listening } from "../../link.ts";
import { formatAddress } from "../address.ts";
import { tlsError } from "../tls/refusal.ts";
import { resolveHost } from "../udp/options.ts";
import {
  type BunQuicEndpoint,
  type BunQuicSession,
  type BunQuicStream,
  type BunQuicWriter,
  type BunSessionOptions,
  type BunSocketAddress,
  loadBunQuic,
} from "./bun_quic.ts";
import { judgeCertificate } from "./certificate.ts";
import { CLOSE_CODES, type QuicConnection, type QuicHandler, type QuicStream } from "./connection.ts";
import type { QuicDoor } from "./door.ts";
import { QuicFailure } from "./failure.ts";
import { probeForNobody } from "./nobody.ts";
import type { QuicDialSettings, QuicListenSettings, QuicSettings } from "./settings.ts";

const encoder = new TextEncoder();

/** Opens a connection; see `QuicRuntime`. */
export async function dial(
  address: Address,
  settings: QuicDialSettings,
  signal: AbortSignal,
): Promise<QuicConnection> {
  const host = await resolveHost(address.host, signal);
  const { ca, serverName, hashes } = settings;
  const session = await loadBunQuic().connect(socketAddress(host, address.port), {
    ...sessionOptions(settings, diallingEndpoint(host)),
    alpn: settings.alpn[0],
    // SNI carries names only (RFC 6066 §3), and Bun compares no addresses: that is judged below.
    servername: isIP(serverName) === 0 ? serverName : undefined,
    ca: ca?.map((pem) => encoder.encode(pem)),
    verifyPeer: hashes === undefined ? "auto" : "manual",
  });
  const connection = new BunConnection(session, false);
  const probe = probeForNobody(host, address.port);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) throw signal.reason;
    await Promise.race([session.opened, aborted, probe.refused]);
    const refusal = judgeCertificate(session.peerCertificate, settings, Date.now());
    if (refusal !== undefined) throw tlsError(refusal, `cannot dial ${address.href}`);
    return connection;
  } catch (cause) {
    connection.close(CLOSE_CODES.aborted);
    throw told(cause, false);
  } finally {
    probe.stop();
    signal.removeEventListener("abort", onAbort);
  }
}

/** Listens; see `QuicRuntime`. */
export async function listen(
  address: Address,
  settings: QuicListenSettings,
  door: QuicDoor,
): Promise<Listening> {
  const { listen } = loadBunQuic();
  const endpoint = openEndpoint(await resolveHost(address.host), address.port);
  let url = address.href;
  await listen((session) => door.admit(new BunConnection(session, true, url)), {
    ...sessionOptions(settings, endpoint),
    alpn: settings.alpn,
    sni: { "*": { keys: [createPrivateKey(settings.key)], certs: [encoder.encode(settings.cert)] } },
  });
  if (endpoint.address === undefined) await notBound(endpoint);
  url = urlOf(endpoint.address!);
  return {
    url,
    close() {
      endpoint.close().catch(() => {}); // Resolves when the last link has ended.
      return Promise.resolve();
    },
  };
}

const endpoints = new Map<string, BunQuicEndpoint>();

// All dials of a family share a socket; each of them can be given up by itself.
function diallingEndpoint(host: string): BunQuicEndpoint {
  const any = host.includes(":") ? "::" : "0.0.0.0";
  const known = endpoints.get(any);
  if (known !== undefined) return known;
  const endpoint = openEndpoint(any, 0);
  endpoints.set(any, endpoint);
  const forget = () => void endpoints.delete(any);
  endpoint.closed.then(forget, forget);
  return endpoint;
}

function openEndpoint(host: string, port: number): BunQuicEndpoint {
  const endpoint = new (loadBunQuic().QuicEndpoint)({
    address: socketAddress(host, port),
    maxConnectionsPerHost: QUIC_CONNECTIONS_MAX, // Many may sit behind one address.
    maxConnectionsTotal: QUIC_CONNECTIONS_MAX,
  });
  endpoint.closed.catch(() => {});
  return endpoint;
}

// Bun says the number of the system's error in words only.
async function notBound(endpoint: BunQuicEndpoint): Promise<never> {
  try {
    await endpoint.closed;
  } catch (cause) {
    const number = /\((\d+)\)/.exec((cause as Error).message)?.[1] ?? "";
    const code =
      { 98: "EADDRINUSE", 99: "EADDRNOTAVAIL", 13: "EACCES", 48: "EADDRINUSE", 49: "EADDRNOTAVAIL" }[number];
    throw Object.assign(new Error((cause as Error).message, { cause }), { code });
  }
  throw new HawserError("io", "the UDP socket could not be bound");
}

/** One connection. */
class BunConnection implements QuicConnection {
  handler: QuicHandler = NOBODY;
  readonly #session: BunQuicSession;
  readonly #localAddress: string | undefined;
  #isOpen = false;
  #ownStreams = 0;
  // Streams that came before the first one.
  #overtakers: BunStream[] | undefined = [];

  constructor(session: BunQuicSession, listens: boolean, localAddress?: string) {
    this.#session = session;
    this.#localAddress = localAddress;
    session.opened.then(() => this.#isOpen = true, () => {});
    session.onstream = (stream) => {
      this.#isOpen = true;
      this.#inOrder(stream, listens);
    };
    session.ondatagram = (bytes) => this.handler.onDatagram(bytes);
    session.closed.then(
      // Without an error where we ended it, or where the peer was silent: links end with a code that is not 0.
      () => this.handler.onClose(new QuicFailure({ timeout: true }, "idle timeout")),
      (cause) => this.handler.onClose(told(cause, listens)),
    );
  }

  // Bun keeps the first answer about the path, which is empty before the handshake. So nobody asks earlier.
  get localAddress(): string {
    return this.#localAddress ?? urlOf(this.#path?.local);
  }

  get remoteAddress(): string {
    return urlOf(this.#path?.remote);
  }

  get #path(): BunQuicSession["path"] {
    return this.#isOpen ? this.#session.path : undefined;
  }

  get datagramBytesMax(): number {
    return this.#session.maxDatagramSize;
  }

  // Bun would let a stream wait until the peer allows it, and could not take it back.
  async openStream(): Promise<QuicStream> {
    if (this.#ownStreams >= Number(this.#session.remoteTransportParams?.initialMaxStreamsBidi ?? Infinity)) {
      throw new HawserError("limit", `${this.remoteAddress} allows no more streams for now; close one first`);
    }
    this.#ownStreams++;
    const gone = () => void this.#ownStreams--;
    const stream = await this.#session.createBidirectionalStream({ highWaterMark: LINK_HIGH_WATER_BYTES });
    stream.closed.then(gone, gone);
    return new BunStream(stream);
  }

  // Bun shows streams as their first packets come, which may be out of order; that of the link must be the first.
  #inOrder(stream: BunQuicStream, listens: boolean): void {
    const mine = new BunStream(stream);
    if (this.#overtakers === undefined || !listens) return this.handler.onStream(mine);
    if (stream.id !== 0n) return void this.#overtakers.push(mine);
    this.handler.onStream(mine);
    for (const late of this.#overtakers) this.handler.onStream(late);
    this.#overtakers = undefined;
  }

  sendDatagram(bytes: Uint8Array): boolean {
    this.#session.sendDatagram(bytes).catch(() => {}); // Beyond its own bound Bun drops the oldest.
    return true;
  }

  close(code: bigint): void {
    this.#session.destroy(undefined, { code, type: "application" });
  }
}

// `Symbol.for("Stream.drainableProtocol")` of Node's streams: gives a promise when a writer is full.
const DRAINABLE = Symbol.for("Stream.drainableProtocol");

/** One stream. Bun takes all that comes, whether it is read or not, so what nobody reads is bounded here. */
class BunStream implements QuicStream {
  readonly #stream: BunQuicStream;
  readonly #writer: BunQuicWriter & { [DRAINABLE]?(): Promise<unknown> | null };
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #end: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: BunQuicStream) {
    this.#stream = stream;
    stream.highWaterMark = LINK_HIGH_WATER_BYTES;
    this.#writer = stream.writer;
    void this.#receive();
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (!this.#writer.writeSync(bytes)) return this.#writeLater(bytes);
  }

  end(): void {
    this.#writer.endSync();
  }

  reset(): void {
    this.#stream.destroy();
  }

  async read(deliver: (bytes: Uint8Array) => void): Promise<boolean> {
    if (this.#waiting.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    this.#wake = undefined;
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const bytes of pieces) deliver(bytes);
    if (pieces.length > 0 || this.#end === undefined) return true;
    if (this.#end.cause !== undefined) throw this.#end.cause;
    return false;
  }

  async #receive(): Promise<void> {
    try {
      for await (const pieces of this.#stream) {
        for (const bytes of pieces) this.#waitingBytes += bytes.length;
        if (this.#waiting.length === 0) this.#waiting = [...pieces];
        else this.#waiting.push(...pieces);
        if (this.#waitingBytes > LINK_EARLY_BYTES_MAX && this.#wake === undefined) throw this.#overrun();
        this.#wake?.();
      }
      this.#end = { cause: undefined };
    } catch (cause) {
      this.#end = { cause };
    }
    this.#wake?.();
  }

  #overrun(): HawserError {
    this.#waiting = [];
    this.reset();
    return new HawserError("backpressure", `the peer sent ${this.#waitingBytes} bytes that nobody has read`);
  }

  async #writeLater(bytes: Uint8Array): Promise<void> {
    do {
      if (this.#writer.desiredSize === null) {
        throw new HawserError("io", "the peer takes no more on this stream");
      }
      await this.#writer[DRAINABLE]?.();
    } while (!this.#writer.writeSync(bytes));
  }
}

const NOBODY: QuicHandler = {
  onStream: (stream) => stream.reset(),
  onDatagram() {},
  onClose() {},
};

function sessionOptions(
  settings: QuicSettings,
  endpoint: BunQuicEndpoint,
): Omit<BunSessionOptions, "alpn"> {
  const { keepAliveMs, idleMsMax, streamsMax, windowBytes, streamWindowBytes } = settings;
  return {
    endpoint,
    enableEarlyData: false,
    keepAlive: keepAliveMs === Infinity ? undefined : keepAliveMs,
    handshakeTimeout: settings.handshakeMsMax,
    transportParams: {
      maxIdleTimeout: Math.ceil(idleMsMax / 1_000), // Seconds.
      initialMaxStreamsBidi: streamsMax + 1, // One is the link.
      initialMaxStreamsUni: 0,
      initialMaxData: windowBytes,
      initialMaxStreamDataBidiLocal: streamWindowBytes,
      initialMaxStreamDataBidiRemote: streamWindowBytes,
      maxDatagramFrameSize: 65_535,
    },
    onerror() {}, // `closed` tells it too.
  };
}

/** What Bun said: its codes are those of RFC 9000 §20, alerts of TLS from 0x100 on. */
function told(cause: unknown, listens: boolean): unknown {
  const { code = "", message = "", errorCode = 0n } = (cause ?? {}) as Partial<
    Error & { code: string; errorCode: bigint }
  >;
  if (code === "ERR_QUIC_APPLICATION_ERROR") {
    return new QuicFailure({ application: errorCode }, message, cause);
  }
  if (code !== "ERR_QUIC_TRANSPORT_ERROR") return cause;
  if (message.includes("timed out")) return new QuicFailure({ timeout: true }, message, cause);
  if (errorCode === 2n) return new QuicFailure({ refused: true }, message, cause);
  if (message.includes("certificate validation failed")) {
    return new QuicFailure({ alert: 42 }, message, cause);
  }
  const alert = Number(errorCode) - 0x100;
  return new QuicFailure(alert >= 0 && alert < 0x100 ? { alert, byPeer: listens } : {}, message, cause);
}

function socketAddress(address: string, port: number): BunSocketAddress {
  return { address, port, family: address.includes(":") ? "ipv6" : "ipv4" };
}

function urlOf(address: BunSocketAddress | undefined): string {
  return formatAddress({ scheme: "quic", host: address?.address, port: address?.port });
}

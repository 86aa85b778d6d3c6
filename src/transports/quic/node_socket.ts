/**
 * A UDP socket for QUIC on Node, and the connections on it, by what their peers call them.
 *
 * @module
 */

import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { randomBytes } from "../../random.ts";
import { formatAddress } from "../address.ts";
import { NodeConnection, type NodePlace } from "./node_connection.ts";
import type { Config, Connection, Header, Quiche } from "./node_quiche.ts";

type Lookup = (
  host: string,
  family: unknown,
  found: (error: null, address: string, family: number) => void,
) => void;

/** What is done about connections of others. */
export interface NodeAcceptor {
  /** What quiche is told about them. */
  readonly config: Config;
  readonly keepAliveMs: number;
  /** Whether one more may come in; if not, it gets no answer. */
  hasRoom(): boolean;
  /** Somebody connects; the handshake is still under way. */
  onConnection(connection: NodeConnection): void;
}

/** A socket that is bound. */
export class NodeQuicSocket {
  /** Where it is. */
  readonly url: string;
  #acceptor: NodeAcceptor | undefined;
  readonly #socket: Socket;
  readonly #quiche: Quiche;
  readonly #here: NodePlace;
  readonly #onClosed: () => void;
  readonly #connections = new Map<string, NodeConnection>();
  #live = 0;
  #isKept = true;
  #open = true;

  private constructor(socket: Socket, quiche: Quiche, onClosed: () => void) {
    this.#onClosed = onClosed;
    this.#socket = socket;
    this.#quiche = quiche;
    const { address: host, port } = socket.address();
    this.#here = { host, port };
    this.url = urlOf(this.#here);
    socket.on("error", ignore); // What a peer's host says about one datagram concerns that one alone.
    socket.on("message", (bytes, { address, port }) => this.#receive(bytes, { host: address, port }));
  }

  /** Binds a socket. Rejects with what the runtime says. */
  static async bind(
    quiche: Quiche,
    { host, port }: NodePlace,
    onClosed: () => void = ignore,
  ): Promise<NodeQuicSocket> {
    const family = host.includes(":") ? 6 : 4;
    // Hosts are IP addresses already; the built-in lookup would defer each send by a turn.
    const lookup: Lookup = (host, _family, found) => found(null, host, family);
    const socket = createSocket({ type: `udp${family}`, lookup } as SocketOptions);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("error", reject);
    socket.bind({ address: host, port, exclusive: true }, resolve);
    try {
      await promise;
    } catch (cause) {
      socket.close();
      throw cause;
    }
    socket.off("error", reject);
    return new NodeQuicSocket(socket, quiche, onClosed);
  }

  /** Whether it is still there. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Begins a connection of our own. */
  dial(to: NodePlace, serverName: string | null, config: Config, keepAliveMs: number): NodeConnection {
    const id = randomBytes(this.#quiche.MAX_CONN_ID_LEN);
    const quiche = this.#quiche.Connection.connect(serverName, id, this.#here, to, config);
    return this.#add({ quiche, peer: to, ids: [id], dialled: true, keepAliveMs });
  }

  /** Takes connections of others. */
  accept(acceptor: NodeAcceptor): void {
    this.#acceptor = acceptor;
  }

  /** Takes no more connections, and closes with the last of those that there are. */
  letGo(): void {
    this.#isKept = false;
    if (this.#live === 0) this.#socket.unref();
    this.#closeIfIdle();
  }

  #receive(bytes: Uint8Array, from: NodePlace): void {
    const known = this.#connections.get(nameOf(destinationOf(bytes)));
    if (known !== undefined) return known.receive(bytes, from, this.#here);
    let header: Header;
    try {
      header = this.#quiche.Header.fromSlice(bytes, this.#quiche.MAX_CONN_ID_LEN);
    } catch {
      return; // No packet of QUIC.
    }
    if (header.ty === 0) this.#admit(header, bytes, from); // An Initial.
  }

  #admit(header: Header, bytes: Uint8Array, from: NodePlace): void {
    const acceptor = this.#acceptor;
    // quiche cannot refuse before the handshake, so whoever has no place gets no answer.
    if (acceptor === undefined || !this.#isKept || !acceptor.hasRoom()) return;
    if (!this.#quiche.versionIsSupported(header.version)) return this.#offerVersions(header, from);
    const id = randomBytes(this.#quiche.MAX_CONN_ID_LEN);
    const quiche = this.#quiche.Connection.accept(id, null, this.#here, from, acceptor.config);
    const { keepAliveMs } = acceptor;
    const connection = this.#add({ quiche, peer: from, ids: [header.dcid, id], dialled: false, keepAliveMs });
    acceptor.onConnection(connection);
    connection.receive(bytes, from, this.#here);
  }

  #add({ quiche, peer, ids, dialled, keepAliveMs }: {
    readonly quiche: Connection;
    readonly peer: NodePlace;
    readonly ids: readonly Uint8Array[];
    readonly dialled: boolean;
    readonly keepAliveMs: number;
  }): NodeConnection {
    const names = ids.map(nameOf);
    const connection = new NodeConnection({
      quiche,
      localAddress: this.url,
      remoteAddress: urlOf(peer),
      dialled,
      keepAliveMs,
      transmit: (bytes, to) => this.#send(bytes, to),
      onEnding: () => {
        if (--this.#live === 0 && !this.#isKept) this.#socket.unref();
      },
      onGone: () => {
        for (const name of names) this.#connections.delete(name);
        this.#closeIfIdle();
      },
    });
    for (const name of names) this.#connections.set(name, connection);
    if (this.#live++ === 0) this.#socket.ref();
    return connection;
  }

  #offerVersions(header: Header, from: NodePlace): void {
    const answer = new Uint8Array(256);
    const length = this.#quiche.negotiateVersion(header.scid, header.dcid, answer);
    this.#send(answer.subarray(0, length), from);
  }

  #send(bytes: Uint8Array, to: NodePlace): void {
    if (this.#open) this.#socket.send(bytes, to.port, to.host, ignore);
  }

  #closeIfIdle(): void {
    if (this.#isKept || this.#connections.size > 0 || !this.#open) return;
    this.#open = false;
    this.#socket.close();
    this.#onClosed();
  }
}

function ignore(): void {}

// RFC 8999 §5: a long header says how long the id is; a short one has an id of ours, all of which have 20 bytes.
function destinationOf(bytes: Uint8Array): Uint8Array {
  const isLong = (bytes[0] & 0x80) !== 0;
  return isLong ? bytes.subarray(6, 6 + bytes[5]) : bytes.subarray(1, 21);
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1");
}

function urlOf({ host, port }: NodePlace): string {
  return formatAddress({ scheme: "quic", host, port });
}

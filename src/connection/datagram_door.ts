/**
 * Where strangers knock on a listening datagram socket.
 *
 * A datagram's source address may be forged, so nothing is kept for it until
 * the admission says so; a sealed packet goes to the session that it names,
 * which judges whether it is authentic.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { ADMISSION_LIMITS, type AdmissionLimits } from "../limits.ts";
import type { DatagramSource, Listening } from "../link.ts";
import { randomBytes } from "../random.ts";
import { Admission, halfOpenKey } from "../session/admission.ts";
import {
  datagramHandshake,
  datagramSessionId,
  KIND_INIT,
  KIND_RETRY,
  retryPacket,
  sessionIdFrom,
  sessionIdNumber,
} from "../session/datagram.ts";
import { now } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { ListenOptions } from "./options.ts";
import type { Server } from "./server.ts";

/** The door of one listening datagram socket. */
export class DatagramDoor {
  readonly #server: Server;
  readonly #codec: PacketCodec;
  #listening: Listening | undefined;
  readonly #limits: AdmissionLimits;
  readonly #admission: Admission;
  readonly #bySession: Map<number, Connection> = new Map();
  // Open connections too: their initiator may not have heard that they are.
  readonly #byHandshake: Map<string, Connection> = new Map();
  #rotateAt: number;

  constructor(server: Server, codec: PacketCodec, options: ListenOptions) {
    this.#server = server;
    this.#codec = codec;
    const { handshakesMax = ADMISSION_LIMITS.halfOpenMax, limits } = options;
    const { handshakeMsMax = ADMISSION_LIMITS.handshakeMsMax } = limits ?? {};
    this.#limits = { ...ADMISSION_LIMITS, halfOpenMax: handshakesMax, handshakeMsMax };
    this.#admission = new Admission({ limits: this.#limits, secret: randomBytes(32) });
    this.#rotateAt = now() + this.#limits.cookieMsMax;
  }

  /** The socket is bound: from here on strangers are answered. */
  open(listening: Listening): void {
    this.#listening = listening;
  }

  /** A datagram came; it belongs to the socket again when this returns. */
  handleDatagram(packet: Uint8Array, source: DatagramSource): void {
    const sessionId = datagramSessionId(packet);
    if (sessionId >= 0) return this.#bySession.get(sessionId)?.handleDatagram(packet);
    const handshake = datagramHandshake(packet);
    if (handshake === undefined) return;
    if (handshake.kind === KIND_INIT) this.#handleInit(packet, source, handshake.id, handshake.cookie);
    else if (handshake.kind !== KIND_RETRY) this.#find(source, handshake.id)?.handleDatagram(packet);
  }

  #handleInit(
    packet: Uint8Array,
    source: DatagramSource,
    id: Uint8Array,
    cookie: Uint8Array | undefined,
  ): void {
    const known = this.#find(source, id);
    if (known !== undefined) return known.handleDatagram(packet);
    const time = now();
    if (time >= this.#rotateAt) {
      this.#admission.rotate(randomBytes(32));
      this.#rotateAt = time + this.#limits.cookieMsMax;
    }
    const decision = this.#admission.handleInit(source.key, id, cookie, packet.length, time);
    for (const { key } of this.#admission.expire(time)) {
      void this.#byHandshake.get(key)?.abort("others need the room");
    }
    if (decision === "accept") this.#open(packet, source, id);
    if (decision === "retry") {
      const answer = retryPacket(this.#codec, id, this.#admission.retryCookie(source.key, id, time));
      this.#listening?.sendTo?.(answer, source);
    }
  }

  #open(packet: Uint8Array, source: DatagramSource, handshakeId: Uint8Array): void {
    const link = this.#listening?.link?.(source);
    if (link === undefined) return;
    const id = new Uint8Array(handshakeId);
    const sessionId = this.#freeSessionId();
    const leave = () => this.#admission.complete(source.key, id);
    const connection = this.#server.handleLink(link, { sessionId, onHandshakeOver: leave });
    if (connection === undefined) return leave();

    const number = sessionIdNumber(sessionId);
    const key = halfOpenKey(source.key, id);
    this.#bySession.set(number, connection);
    this.#byHandshake.set(key, connection);
    void connection.closed.then(() => {
      this.#bySession.delete(number);
      this.#byHandshake.delete(key);
    });
    connection.handleDatagram(packet);
  }

  #find(source: DatagramSource, handshakeId: Uint8Array): Connection | undefined {
    return this.#byHandshake.get(halfOpenKey(source.key, handshakeId));
  }

  #freeSessionId(): Uint8Array {
    let id = sessionIdFrom(randomBytes(8));
    while (this.#bySession.has(sessionIdNumber(id))) id = sessionIdFrom(randomBytes(8));
    return id;
  }
}

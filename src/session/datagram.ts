/**
 * What a listening datagram socket reads of a packet before it knows whose it is.
 *
 * Nothing here is authenticated: it only finds the session that will judge.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { judgeHeader, viewOf } from "../codec/packet_header.ts";
import { PACKET_BYTES_MAX } from "../limits.ts";
import {
  FLAG_HANDSHAKE,
  FLAG_SEALED,
  FLAG_SEQUENCED,
  HANDSHAKE_PREFIX_BYTES,
  type HandshakeBody,
  handshakeBody,
  HEADER_BYTES,
  KIND_RETRY,
  parseHandshakeBody,
} from "../wire/header.ts";

export { KIND_INIT, KIND_RETRY } from "../wire/header.ts";

const LENGTH_AT = 6;
const SESSION_ID_END = HEADER_BYTES + 8;
// INIT with the length of its cookie.
const HANDSHAKE_BYTES_MIN = HEADER_BYTES + HANDSHAKE_PREFIX_BYTES;

/** The session id of a sealed datagram as one number, or -1 if it has none. */
export function datagramSessionId(packet: Uint8Array): number {
  if (packet.length < SESSION_ID_END || (packet[5] & 0x3c) !== (FLAG_SEALED | FLAG_SEQUENCED)) return -1;
  return sessionIdNumber(packet.subarray(HEADER_BYTES, SESSION_ID_END));
}

/** A session id as one number: ids are below 2^53. */
export function sessionIdNumber(id: Uint8Array): number {
  let value = 0;
  for (let index = 0; index < 8; index++) value = value * 256 + id[index];
  return value;
}

/** Makes a session id of 8 random bytes. */
export function sessionIdFrom(random: Uint8Array): Uint8Array {
  const id = new Uint8Array(random.subarray(0, 8));
  id[0] = 0;
  id[1] &= 0x1f;
  return id;
}

/** The parts of a datagram that is a handshake packet: views into it; `undefined` if it is none. */
export function datagramHandshake(packet: Uint8Array): HandshakeBody | undefined {
  if (packet.length < HANDSHAKE_BYTES_MIN || packet[5] !== FLAG_HANDSHAKE) return undefined;
  if (judgeHeader(packet, 0, PACKET_BYTES_MAX) !== 0) return undefined;
  const length = viewOf(packet).getUint32(LENGTH_AT);
  return length === packet.length - HEADER_BYTES
    ? parseHandshakeBody(packet.subarray(HEADER_BYTES))
    : undefined;
}

/** The packet that sends an initiator back with a cookie. */
export function retryPacket(codec: PacketCodec, handshakeId: Uint8Array, cookie: Uint8Array): Uint8Array {
  return codec.writePacket(FLAG_HANDSHAKE, handshakeBody(KIND_RETRY, handshakeId, cookie));
}

/**
 * The flags of the packet header, and the layout of unsealed handshake packets.
 *
 * ```
 * 0  4  magic    DE AD BE EF
 * 4  1  version  1
 * 5  1  flags    bits 0-1 compression (1 LZ4, 2 zstd, 3 gzip), bit 2 sealed, bit 3 sequenced, bit 4 handshake
 * 6  4  length   of the body, big-endian
 * ```
 *
 * The body of a handshake packet is `[kind 1][handshake id 8][rest]`. An INIT's
 * rest starts with a cookie: `[length 1: 0 or 32][cookie]`, and the upper half of
 * its kind says which pattern it begins; all others have zero there.
 *
 * @module
 */

/** Bytes of the packet header. */
export const HEADER_BYTES = 10;
/** The body is ciphertext and tag. */
export const FLAG_SEALED = 0x04;
/** The body starts with session id and sequence. */
export const FLAG_SEQUENCED = 0x08;
/** The body is a message of the handshake. */
export const FLAG_HANDSHAKE = 0x10;

/** First message, initiator to responder. */
export const KIND_INIT = 1;
/** Second message, responder to initiator. */
export const KIND_RESPONSE = 2;
/** Third message, initiator to responder. */
export const KIND_CONFIRM = 3;
/** A cookie to send INIT again with: the responder is busy and keeps no state. */
export const KIND_RETRY = 4;
/** One side gives the handshake up: why, in one byte, and what it would have taken. */
export const KIND_REFUSAL = 5;

/** Bytes of a handshake id. */
export const HANDSHAKE_ID_BYTES = 8;
/** Bytes of a cookie. */
export const COOKIE_BYTES = 32;
/** Bytes before the rest of a handshake packet's body. */
export const HANDSHAKE_PREFIX_BYTES: number = 1 + HANDSHAKE_ID_BYTES;

/** Writes the body of a handshake packet; `cookie` and `pattern` are for INIT only, the former empty where there is none. */
export function handshakeBody(
  kind: number,
  id: Uint8Array,
  rest: Uint8Array,
  cookie?: Uint8Array,
  pattern = 0,
): Uint8Array {
  const cookieLength = cookie === undefined ? 0 : 1 + cookie.length;
  const body = new Uint8Array(HANDSHAKE_PREFIX_BYTES + cookieLength + rest.length);
  body[0] = kind | pattern << 4;
  body.set(id, 1);
  if (cookie !== undefined) {
    body[HANDSHAKE_PREFIX_BYTES] = cookie.length;
    body.set(cookie, HANDSHAKE_PREFIX_BYTES + 1);
  }
  body.set(rest, HANDSHAKE_PREFIX_BYTES + cookieLength);
  return body;
}

/** The parts of a handshake packet's body: views into it. */
export interface HandshakeBody {
  /** One of the KIND constants. */
  readonly kind: number;
  /** INIT only, otherwise 0: the number of its pattern, 0 to 15. */
  readonly pattern: number;
  /** Chosen by the initiator; 8 bytes. */
  readonly id: Uint8Array;
  /** INIT only: the cookie, if it carries one. */
  readonly cookie: Uint8Array | undefined;
  /** The Noise message, the cookie of RETRY, or what REFUSAL says. */
  readonly rest: Uint8Array;
}

/** Takes a handshake packet's body apart; `undefined` if it is malformed. */
export function parseHandshakeBody(body: Uint8Array): HandshakeBody | undefined {
  if (body.length < HANDSHAKE_PREFIX_BYTES) return undefined;
  const kind = body[0] & 0x0f;
  const pattern = body[0] >>> 4;
  if (kind < KIND_INIT || kind > KIND_REFUSAL) return undefined;
  const id = body.subarray(1, HANDSHAKE_PREFIX_BYTES);
  if (kind !== KIND_INIT) {
    const rest = body.subarray(HANDSHAKE_PREFIX_BYTES);
    return pattern === 0 ? { kind, pattern, id, cookie: undefined, rest } : undefined;
  }

  const cookieLength = body[HANDSHAKE_PREFIX_BYTES];
  const start = HANDSHAKE_PREFIX_BYTES + 1;
  if (body.length < start || (cookieLength !== 0 && cookieLength !== COOKIE_BYTES)) return undefined;
  if (body.length < start + cookieLength) return undefined;
  const cookie = cookieLength === 0 ? undefined : body.subarray(start, start + cookieLength);
  return { kind, pattern, id, cookie, rest: body.subarray(start + cookieLength) };
}

/**
 * The frames that travel inside sealed packets, and how each is written.
 *
 * A frame is a varint type and its fields. Types below 0x80 belong to the
 * protocol, and an unknown one is an error; 0x80 to 0xFF carry a length and
 * belong to the application.
 *
 * ```
 * 00 PADDING
 * 01 MESSAGE   length  bytes                      a whole message
 * 02 FRAGMENT  id  total  offset  length  bytes   a part of one
 * 03 PING      token
 * 04 PONG      token
 * 05 CLOSE     code  length  reason               nothing follows
 * 06 WINDOW    limit                              the peer may send up to this offset
 * 07 OFFSET    offset                             what follows starts here (datagram lanes)
 * 08 REKEY                                        the next packet is of the next epoch (ordered lanes)
 * 09 ACCEPT                                       the responder admits the initiator
 * 0a BLOCKED   offset                             the window is used up: say it again
 * 0b TYPED           length  bytes                a whole message of the message layer
 * 0c TYPED_FRAGMENT  id  total  offset  length  bytes   a part of one
 * 0d STREAM          id  offset  length  bytes    data of a stream, in order
 * 0e STREAM_END      id  offset  length  bytes    the same, and its last
 * 0f STREAM_OPEN     id  priority  length  name   ids ascend: the initiator's are even, the responder's odd
 * 10 STREAM_RESET    id  code                     the sending side gives up
 * 11 STREAM_STOP     id  code                     the receiving side wants no more
 * 12 STREAM_WINDOW   id  limit                    what may be sent on the stream, in all
 * 13 STREAMS_WINDOW  limit                        what may be sent on all streams together, in all
 * 14 STREAMS_MAX     count                        how many streams the peer may open, in all
 * 15 ACK            count                            how many packets came (sessions that may be resumed)
 * 16 RESUMED        count                            the responder goes on, and has so many packets
 * ```
 *
 * A typed message is one that the session hands to the message layer, and never to receivers of raw messages. Ids of
 * messages in parts are of one row, typed or not.
 *
 * @module
 */

import { varintLength, writeVarint } from "./varint.ts";

/** Fills a packet up; means nothing. */
export const FRAME_PADDING = 0x00;
/** A whole message. */
export const FRAME_MESSAGE = 0x01;
/** A part of a message. */
export const FRAME_FRAGMENT = 0x02;
/** Asks for a PONG with the same token. */
export const FRAME_PING = 0x03;
/** Answers a PING. */
export const FRAME_PONG = 0x04;
/** Ends the session. */
export const FRAME_CLOSE = 0x05;
/** Raises the offset up to which the peer may send. */
export const FRAME_WINDOW = 0x06;
/** Says at which offset the messages of this packet start. */
export const FRAME_OFFSET = 0x07;
/** Says that the next packet is sealed with the key of the next epoch. */
export const FRAME_REKEY = 0x08;
/** Says that the responder admits the initiator. */
export const FRAME_ACCEPT = 0x09;
/** Asks for the WINDOW to be said again. */
export const FRAME_BLOCKED = 0x0a;
/** A whole message of the message layer. */
export const FRAME_TYPED = 0x0b;
/** A part of a message of the message layer. */
export const FRAME_TYPED_FRAGMENT = 0x0c;
/** Data of a stream. */
export const FRAME_STREAM = 0x0d;
/** The last data of a stream. */
export const FRAME_STREAM_END = 0x0e;
/** Opens a stream. */
export const FRAME_STREAM_OPEN = 0x0f;
/** The sending side of a stream gives up. */
export const FRAME_STREAM_RESET = 0x10;
/** The receiving side of a stream wants no more. */
export const FRAME_STREAM_STOP = 0x11;
/** Raises the offset up to which the peer may send on a stream. */
export const FRAME_STREAM_WINDOW = 0x12;
/** Raises what the peer may send on all streams together. */
export const FRAME_STREAMS_WINDOW = 0x13;
/** Raises how many streams the peer may open. */
export const FRAME_STREAMS_MAX = 0x14;
/** Acknowledges packets. */
export const FRAME_ACK = 0x15;
/** Goes on with an earlier session over this link. */
export const FRAME_RESUMED = 0x16;
/** The first type that belongs to the application. */
export const FRAME_APPLICATION = 0x80;
/** The last type that belongs to the application. */
export const FRAME_APPLICATION_LAST = 0xff;

/** The most bytes that MESSAGE, or TYPED, adds to a message. */
export const MESSAGE_OVERHEAD_MAX = 5;
/** The most bytes that FRAGMENT, or TYPED_FRAGMENT, adds to its data. */
export const FRAGMENT_OVERHEAD_MAX = 1 + 8 + 4 + 4 + 4;
/** The most bytes that STREAM, or STREAM_END, adds to its data. */
export const STREAM_OVERHEAD_MAX = 1 + 8 + 8 + 4;
/** The most bytes that STREAM_OPEN adds to its name. */
export const STREAM_OPEN_OVERHEAD_MAX = 1 + 8 + 2 + 4;
/** The most bytes of a frame with two numbers. */
export const PAIR_FRAME_BYTES_MAX = 1 + 8 + 8;

/** Writes MESSAGE, or the `type` that is like it; returns the position behind it. */
export function writeMessage(
  target: Uint8Array,
  at: number,
  message: Uint8Array,
  type: number = FRAME_MESSAGE,
): number {
  target[at] = type;
  const start = writeVarint(target, at + 1, message.length);
  target.set(message, start);
  return start + message.length;
}

/** How many bytes MESSAGE takes for a message of `length` bytes. */
export function messageFrameLength(length: number): number {
  return 1 + varintLength(length) + length;
}

/** Writes FRAGMENT, or the `type` that is like it: `length` bytes of `message` from `offset`; returns the position behind it. */
export function writeFragment(
  target: Uint8Array,
  at: number,
  id: number,
  message: Uint8Array,
  offset: number,
  length: number,
  type: number = FRAME_FRAGMENT,
): number {
  target[at] = type;
  at = writeVarint(target, at + 1, id);
  at = writeVarint(target, at, message.length);
  at = writeVarint(target, at, offset);
  at = writeVarint(target, at, length);
  target.set(
    offset === 0 && length === message.length ? message : message.subarray(offset, offset + length),
    at,
  );
  return at + length;
}

/** How many bytes a frame of the application takes with `length` bytes in it: its type is above 0x3f. */
export function applicationFrameLength(length: number): number {
  return 2 + varintLength(length) + length;
}

/** Makes a frame of the application. */
export function applicationFrame(type: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(applicationFrameLength(bytes.length));
  frame.set(bytes, writeVarint(frame, writeVarint(frame, 0, type), bytes.length));
  return frame;
}

/** Writes a frame that has one number; returns the position behind it. */
export function writeNumberFrame(target: Uint8Array, at: number, type: number, value: number): number {
  target[at] = type;
  return writeVarint(target, at + 1, value);
}

/** Writes a frame that has two numbers; returns the position behind it. */
export function writePairFrame(
  target: Uint8Array,
  at: number,
  type: number,
  first: number,
  second: number,
): number {
  return writeVarint(target, writeNumberFrame(target, at, type, first), second);
}

/**
 * Writes the head of STREAM, or with `isLast` of STREAM_END: data that begins at `offset` of stream `id`. Returns the
 * position at which the `length` bytes of data belong.
 */
export function writeStreamHead(
  target: Uint8Array,
  at: number,
  id: number,
  offset: number,
  length: number,
  isLast: boolean,
): number {
  at = writePairFrame(target, at, isLast ? FRAME_STREAM_END : FRAME_STREAM, id, offset);
  return writeVarint(target, at, length);
}

/** Writes STREAM_OPEN; returns the position behind it. */
export function writeStreamOpen(
  target: Uint8Array,
  at: number,
  id: number,
  priority: number,
  name: Uint8Array,
): number {
  at = writePairFrame(target, at, FRAME_STREAM_OPEN, id, priority);
  at = writeVarint(target, at, name.length);
  target.set(name, at);
  return at + name.length;
}

/** Writes CLOSE; returns the position behind it. */
export function writeClose(target: Uint8Array, at: number, code: number, reason: Uint8Array): number {
  at = writeNumberFrame(target, at, FRAME_CLOSE, code);
  at = writeVarint(target, at, reason.length);
  target.set(reason, at);
  return at + reason.length;
}

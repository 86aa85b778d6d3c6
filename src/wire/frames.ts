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
 * ```
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
/** The first type that belongs to the application. */
export const FRAME_APPLICATION = 0x80;
/** The last type that belongs to the application. */
export const FRAME_APPLICATION_LAST = 0xff;

/** The most bytes that MESSAGE adds to a message. */
export const MESSAGE_OVERHEAD_MAX = 5;
/** The most bytes that FRAGMENT adds to its data. */
export const FRAGMENT_OVERHEAD_MAX = 1 + 8 + 4 + 4 + 4;

/** Writes MESSAGE; returns the position behind it. */
export function writeMessage(target: Uint8Array, at: number, message: Uint8Array): number {
  target[at] = FRAME_MESSAGE;
  const start = writeVarint(target, at + 1, message.length);
  target.set(message, start);
  return start + message.length;
}

/** How many bytes MESSAGE takes for a message of `length` bytes. */
export function messageFrameLength(length: number): number {
  return 1 + varintLength(length) + length;
}

/** Writes FRAGMENT: `length` bytes of `message` from `offset`; returns the position behind it. */
export function writeFragment(
  target: Uint8Array,
  at: number,
  id: number,
  message: Uint8Array,
  offset: number,
  length: number,
): number {
  target[at] = FRAME_FRAGMENT;
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

/** Writes a frame that has one number; returns the position behind it. */
export function writeNumberFrame(target: Uint8Array, at: number, type: number, value: number): number {
  target[at] = type;
  return writeVarint(target, at + 1, value);
}

/** Writes CLOSE; returns the position behind it. */
export function writeClose(target: Uint8Array, at: number, code: number, reason: Uint8Array): number {
  at = writeNumberFrame(target, at, FRAME_CLOSE, code);
  at = writeVarint(target, at, reason.length);
  target.set(reason, at);
  return at + reason.length;
}

/**
 * The envelope: what every typed message is on its way, whatever it is for.
 *
 * ```
 * [kind 1][fields 1]
 * [id varint]                          fields & 01   pairs what belongs together: a request and its replies
 * [length varint][name UTF-8]          fields & 02   of a request, a type, a subject; the code of an error
 * [ms varint]                          fields & 04   how long the answer is waited for from here on
 * [count varint]([length][name][length][value])*   fields & 08   headers
 * [hops 1]                             fields & 10   how often it may still be passed on
 * [length varint][key UTF-8]           fields & 20   the application's own id
 * [number varint]                      fields & 40   credit, a count, a code: as the kind has it
 * [format 1][payload]                  the rest
 * ```
 *
 * `fields & 80` asks for an ACK with the same id once the application has taken the message.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { HEADERS_BYTES_MAX, HEADERS_MAX, MESSAGE_ID_BYTES_MAX, NAME_BYTES_MAX } from "../message_limits.ts";
import { Cursor, writeVarint } from "../wire/varint.ts";

/** A value for the application. Its name is its type, if it has one. */
export const KIND_VALUE = 0x01;
/** Asks for one reply, or for several if it has a number: the credit in bytes for them. */
export const KIND_REQUEST = 0x02;
/** The one reply to a request. */
export const KIND_REPLY = 0x03;
/** One of several replies. */
export const KIND_REPLY_PART = 0x04;
/** There are no more replies. */
export const KIND_REPLY_END = 0x05;
/** Instead of a reply or an ACK: the name is a code, the number says whose. */
export const KIND_ERROR = 0x06;
/** The answer is wanted no more. */
export const KIND_CANCEL = 0x07;
/** More replies are welcome: the number is how many bytes of them. */
export const KIND_CREDIT = 0x08;
/** The application took the message of this id. */
export const KIND_ACK = 0x09;
/** An event: the name is its subject. */
export const KIND_EVENT = 0x0a;
/** Asks for events: the name is a pattern. */
export const KIND_SUBSCRIBE = 0x0b;
/** Wants such events no more. */
export const KIND_UNSUBSCRIBE = 0x0c;
/** A block. */
export const KIND_BLOCK = 0x0d;
/** Asks for a REPLY with the same payload. */
export const KIND_ECHO = 0x0e;
/** The peer will end the connection soon, and takes no more requests. The name is its reason. */
export const KIND_GOODBYE = 0x0f;

const FIELD_ID = 0x01;
const FIELD_NAME = 0x02;
const FIELD_DEADLINE = 0x04;
const FIELD_HEADERS = 0x08;
const FIELD_TTL = 0x10;
const FIELD_KEY = 0x20;
const FIELD_NUMBER = 0x40;
const FIELD_ACK = 0x80;

/** No payload: the value `undefined`. */
export const FORMAT_NONE = 0;
/** Bytes as they are. */
export const FORMAT_BYTES = 1;
/** A text, as UTF-8. */
export const FORMAT_TEXT = 2;

/** Names and values that accompany a message. */
export type MessageHeaders = Readonly<Record<string, string>>;

/** Those of a message that has none. */
export const NO_HEADERS: MessageHeaders = Object.freeze(Object.create(null));

/** A typed message: what is not there is undefined. */
export interface Envelope {
  readonly kind: number;
  /** Below 2^53, not negative; unique for each side among what is under way. */
  readonly id?: number;
  /** At most `NAME_BYTES_MAX` bytes of UTF-8. */
  readonly name?: string;
  /** How long the answer is waited for, in whole milliseconds. */
  readonly deadlineMs?: number;
  readonly headers?: MessageHeaders;
  /** How often it may still be passed on: 0 to 255. */
  readonly ttl?: number;
  /** The application's own id: at most `MESSAGE_ID_BYTES_MAX` bytes of UTF-8. */
  readonly key?: string;
  readonly number?: number;
  readonly isAckWanted?: boolean;
  /** Which format the payload has; without a payload {@linkcode FORMAT_NONE}. */
  readonly format?: number;
  /** Bytes, or a text to be encoded as UTF-8. */
  readonly payload?: Uint8Array | string;
}

/** An envelope that arrived. The payload is a view of the bytes that it came in. */
export interface ReceivedEnvelope extends Envelope {
  readonly format: number;
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NOTHING = new Uint8Array(0);
// Kind, fields, id, deadline, ttl, number, format, and the lengths of name and key.
const FIXED_BYTES_MAX = 1 + 1 + 8 + 8 + 1 + 8 + 1 + 2 + 2;
// Two lengths.
const HEADER_BYTES = 4;
const ASCII_CHARS_MAX = 32;
// UTF-16 takes up to three bytes of UTF-8 for one unit.
const BYTES_PER_UNIT = 3;

/** At least as many bytes as the envelope takes. */
export function envelopeBytesMax(envelope: Envelope): number {
  const { name = "", key = "", headers, payload = NOTHING } = envelope;
  let bytes = FIXED_BYTES_MAX + (name.length + key.length) * BYTES_PER_UNIT;
  if (headers !== undefined) {
    bytes += 2;
    for (const header of Object.keys(headers)) {
      bytes += HEADER_BYTES + (header.length + headers[header].length) * BYTES_PER_UNIT;
    }
  }
  return bytes + (typeof payload === "string" ? payload.length * BYTES_PER_UNIT : payload.length);
}

/**
 * Writes an envelope into `target`, which has `envelopeBytesMax` bytes from `at` on; returns the position behind it.
 * @throws {RangeError} for a name, key or headers over their bounds, or numbers out of range.
 */
export function writeEnvelope(target: Uint8Array, at: number, envelope: Envelope): number {
  const { kind, id, name, deadlineMs, headers, ttl, key, number, isAckWanted, format, payload } = envelope;
  target[at] = kind;
  const fieldsAt = at + 1;
  let fields = 0;
  at += 2;
  if (id !== undefined) {
    fields |= FIELD_ID;
    at = writeVarint(target, at, id);
  }
  if (name !== undefined) {
    fields |= FIELD_NAME;
    at = writeText(target, at, name, NAME_BYTES_MAX, "a name");
  }
  if (deadlineMs !== undefined) {
    fields |= FIELD_DEADLINE;
    at = writeVarint(target, at, deadlineMs);
  }
  if (headers !== undefined) {
    fields |= FIELD_HEADERS;
    at = writeHeaders(target, at, headers);
  }
  if (ttl !== undefined) {
    fields |= FIELD_TTL;
    target[at++] = ttl;
  }
  if (key !== undefined) {
    fields |= FIELD_KEY;
    at = writeText(target, at, key, MESSAGE_ID_BYTES_MAX, "an id");
  }
  if (number !== undefined) {
    fields |= FIELD_NUMBER;
    at = writeVarint(target, at, number);
  }
  target[fieldsAt] = isAckWanted ? fields | FIELD_ACK : fields;
  target[at++] = format ?? FORMAT_NONE;
  if (typeof payload === "string") return at + encoder.encodeInto(payload, target.subarray(at)).written;
  if (payload !== undefined) target.set(payload, at);
  return at + (payload?.length ?? 0);
}

/** An envelope in bytes of its own: for tests, and for what is encoded once and sent often. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const bytes = new Uint8Array(envelopeBytesMax(envelope));
  return bytes.slice(0, writeEnvelope(bytes, 0, envelope));
}

/**
 * Reads an envelope, whose payload stays a view of `bytes`. Kinds are not judged.
 * @throws {HawserError} `protocol` if it is malformed.
 */
export function readEnvelope(bytes: Uint8Array): ReceivedEnvelope {
  if (bytes.length < 3) throw malformed("it is too short");
  const fields = bytes[1];
  const cursor = new Cursor(bytes, 2);
  const id = fields & FIELD_ID ? cursor.varint() : undefined;
  const name = fields & FIELD_NAME ? readText(cursor, NAME_BYTES_MAX) : undefined;
  const deadlineMs = fields & FIELD_DEADLINE ? cursor.varint() : undefined;
  const headers = fields & FIELD_HEADERS ? readHeaders(cursor) : undefined;
  const ttl = fields & FIELD_TTL ? bytes[cursor.skip(1)] : undefined;
  const key = fields & FIELD_KEY ? readText(cursor, MESSAGE_ID_BYTES_MAX) : undefined;
  const number = fields & FIELD_NUMBER ? cursor.varint() : undefined;
  const format = bytes[cursor.skip(1)];
  const payload = bytes.subarray(cursor.at);
  if (format === FORMAT_NONE && payload.length > 0) throw malformed("it has a payload without a format");
  const isAckWanted = (fields & FIELD_ACK) !== 0;
  return { kind: bytes[0], id, name, deadlineMs, headers, ttl, key, number, isAckWanted, format, payload };
}

function writeText(target: Uint8Array, at: number, text: string, bytesMax: number, what: string): number {
  const end = writeShortAscii(target, at, text);
  if (end > at) return end;
  // The length takes one byte up to 63 and two from there on, so short texts are written without a look ahead.
  const lengthBytes = text.length * BYTES_PER_UNIT < 0x40 ? 1 : 2;
  const { read, written } = encoder.encodeInto(
    text,
    target.subarray(at + lengthBytes, at + lengthBytes + bytesMax),
  );
  if (read < text.length) throw new RangeError(`${what} has at most ${bytesMax} bytes of UTF-8: "${text}"`);
  if (lengthBytes === 1) target[at] = written;
  else {
    target[at] = 0x40 | (written >>> 8);
    target[at + 1] = written;
  }
  return at + lengthBytes + written;
}

// Most names are like that, and cost less so than the view that the encoder needs. Returns `at` for other texts.
function writeShortAscii(target: Uint8Array, at: number, text: string): number {
  const { length } = text;
  if (length > ASCII_CHARS_MAX) return at;
  target[at] = length;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return at;
    target[at + 1 + index] = code;
  }
  return at + 1 + length;
}

function readText(cursor: Cursor, bytesMax: number): string {
  const length = cursor.varint();
  if (length > bytesMax) throw malformed(`a name of it has ${length} bytes`);
  const start = cursor.skip(length);
  try {
    return decodeName(cursor.bytes, start, length);
  } catch (cause) {
    throw malformed("a name of it is not UTF-8", cause);
  }
}

// Most names come again and again, and to recognise one costs less than to decode it.
interface KnownName {
  readonly bytes: Uint8Array;
  readonly name: string;
}
const KNOWN_NAMES = 64;
const KNOWN_BYTES_MAX = 32;
const known: (KnownName | undefined)[] = new Array(KNOWN_NAMES).fill(undefined);

function decodeName(bytes: Uint8Array, start: number, length: number): string {
  if (length === 0 || length > KNOWN_BYTES_MAX) return decoder.decode(bytes.subarray(start, start + length));
  const place = (31 * bytes[start] + 7 * bytes[start + length - 1] + length) % KNOWN_NAMES;
  const candidate = known[place];
  if (candidate !== undefined && isSame(candidate.bytes, bytes, start, length)) return candidate.name;
  const own = bytes.slice(start, start + length);
  const name = decoder.decode(own);
  known[place] = { bytes: own, name };
  return name;
}

function isSame(one: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (one.length !== length) return false;
  for (let index = 0; index < length; index++) if (one[index] !== bytes[start + index]) return false;
  return true;
}

function writeHeaders(target: Uint8Array, at: number, headers: MessageHeaders): number {
  const names = Object.keys(headers);
  if (names.length > HEADERS_MAX) throw new RangeError(`a message has at most ${HEADERS_MAX} headers`);
  at = writeVarint(target, at, names.length);
  const start = at;
  for (const name of names) {
    if (typeof headers[name] !== "string") throw new TypeError(`the header ${name} must be a string`);
    at = writeText(target, at, name, HEADERS_BYTES_MAX, "a header");
    at = writeText(target, at, headers[name], HEADERS_BYTES_MAX, "a header");
  }
  if (at - start > HEADERS_BYTES_MAX) {
    throw new RangeError(`the headers of a message have at most ${HEADERS_BYTES_MAX} bytes`);
  }
  return at;
}

function readHeaders(cursor: Cursor): MessageHeaders {
  const count = cursor.varint();
  if (count > HEADERS_MAX) throw malformed(`it has ${count} headers`);
  const start = cursor.at;
  // Without a prototype: no name means anything but itself.
  const headers: Record<string, string> = Object.create(null);
  for (let index = 0; index < count; index++) {
    const name = readText(cursor, HEADERS_BYTES_MAX);
    headers[name] = readText(cursor, HEADERS_BYTES_MAX);
  }
  if (cursor.at - start > HEADERS_BYTES_MAX) throw malformed("its headers are too long");
  return headers;
}

function malformed(why: string, cause?: unknown): HawserError {
  return new HawserError("protocol", `a typed message of the peer is malformed: ${why}`, { cause });
}

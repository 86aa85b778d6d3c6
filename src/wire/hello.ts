/**
 * What each side says of itself inside the handshake, and so inside its
 * transcript: versions, capabilities, limits, metadata.
 *
 * A hello is a list of fields, each `[tag varint][length varint][value]`, in
 * ascending order of tags; tags that nobody knows are passed over.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { EARLY_BYTES_MAX } from "../handshake_limits.ts";
import { HELLO_CAPABILITIES_MAX, HELLO_METADATA_BYTES_MAX } from "../limits.ts";
import { Cursor, varintLength, writeVarint } from "./varint.ts";

/** One version of the protocol. Minors of one major understand each other. */
export interface Version {
  /** Both sides need one major in common. */
  readonly major: number;
  /** The lower of the two is used. */
  readonly minor: number;
}

/** What one side says of itself. */
export interface Hello {
  /** The versions it speaks, the preferred one first. */
  readonly versions: readonly Version[];
  /** What it can do, by name; both sides use what both can. */
  readonly capabilities: readonly string[];
  /** How many bytes the other side may send before it hears of a WINDOW. */
  readonly windowBytes: number;
  /** The largest message it takes. */
  readonly messageBytesMax: number;
  /** The responder's choice, on datagram links: 8 bytes below 2^53. */
  readonly sessionId: Uint8Array | undefined;
  /** Words of the application about itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The initiator's, where it wants to go on with an earlier session: that session's token, and what it has heard. */
  readonly claim?: { readonly token: Uint8Array; readonly received: number };
  /** The responder does not admit the initiator: in handshakes that have no later message to say so. */
  readonly refuses?: boolean;
  /** The initiator's, where INIT is sealed: a message, and when it was sent, in milliseconds since 1970 on its clock. */
  readonly early?: { readonly at: number; readonly bytes: Uint8Array };
  /** The responder took that message. */
  readonly takesEarly?: boolean;
}

const TAG_PADDING = 0;
const TAG_VERSION = 1;
const TAG_CAPABILITY = 2;
const TAG_WINDOW = 3;
const TAG_MESSAGE_MAX = 4;
const TAG_SESSION_ID = 5;
const TAG_METADATA = 6;
const TAG_REFUSES = 7;
const TAG_CLAIM = 8;
const TAG_EARLY = 9;
const TAG_TAKES_EARLY = 10;

const TOKEN_BYTES = 32;

// Shared, because an object without a prototype is a costly one, and most say nothing.
const NO_METADATA: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

const NOTHING = new Uint8Array(0);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Encodes a hello, with `padding` zero bytes at the front. */
export function encodeHello(hello: Hello, padding = 0): Uint8Array {
  const fields: [number, Uint8Array][] = [];
  if (padding > 0) fields.push([TAG_PADDING, new Uint8Array(padding)]);
  for (const { major, minor } of hello.versions) fields.push([TAG_VERSION, numbers(major, minor)]);
  for (const name of hello.capabilities) fields.push([TAG_CAPABILITY, encoder.encode(name)]);
  fields.push([TAG_WINDOW, numbers(hello.windowBytes)], [TAG_MESSAGE_MAX, numbers(hello.messageBytesMax)]);
  if (hello.sessionId !== undefined) fields.push([TAG_SESSION_ID, hello.sessionId]);
  for (const [key, value] of Object.entries(hello.metadata)) fields.push([TAG_METADATA, pair(key, value)]);
  if (hello.refuses) fields.push([TAG_REFUSES, NOTHING]);
  if (hello.claim !== undefined) fields.push([TAG_CLAIM, claimBytes(hello.claim)]);
  if (hello.early !== undefined) fields.push([TAG_EARLY, numberAndBytes(hello.early.at, hello.early.bytes)]);
  if (hello.takesEarly) fields.push([TAG_TAKES_EARLY, NOTHING]);

  let length = 0;
  for (const [tag, value] of fields) length += varintLength(tag) + varintLength(value.length) + value.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [tag, value] of fields) {
    at = writeVarint(bytes, writeVarint(bytes, at, tag), value.length);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/**
 * Decodes a hello.
 * @throws {HawserError} `protocol` if it is malformed, or has more than the bounds of `limits.ts`.
 */
export function decodeHello(bytes: Uint8Array): Hello {
  const versions: Version[] = [];
  const capabilities: string[] = [];
  let metadata: Record<string, string> | undefined;
  let windowBytes = 0;
  let messageBytesMax = 0;
  let metadataBytes = 0;
  let sessionId: Uint8Array | undefined;
  let claim: Hello["claim"];
  let early: Hello["early"];
  let refuses = false;
  let takesEarly = false;
  let last = 0;

  const cursor = new Cursor(bytes);
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    const length = cursor.varint();
    const start = cursor.skip(length);
    if (tag < last) throw malformed("its fields are out of order");
    last = tag;
    const value = new Cursor(bytes, start, start + length);
    if (tag === TAG_VERSION) versions.push({ major: value.varint(), minor: value.varint() });
    else if (tag === TAG_CAPABILITY) capabilities.push(text(bytes.subarray(start, start + length)));
    else if (tag === TAG_WINDOW) windowBytes = value.varint();
    else if (tag === TAG_MESSAGE_MAX) messageBytesMax = value.varint();
    else if (tag === TAG_SESSION_ID) sessionId = sessionIdOf(bytes.slice(start, start + length));
    else if (tag === TAG_CLAIM) {
      const tokenStart = value.skip(TOKEN_BYTES);
      claim = { token: bytes.slice(tokenStart, value.at), received: value.varint() };
    } else if (tag === TAG_METADATA) {
      metadataBytes += length;
      const keyLength = value.varint();
      const keyStart = value.skip(keyLength);
      metadata ??= Object.create(null) as Record<string, string>;
      metadata[text(bytes.subarray(keyStart, value.at))] = text(bytes.subarray(value.at, value.end));
    } else if (tag === TAG_REFUSES) refuses = true;
    else if (tag === TAG_EARLY) early = { at: value.varint(), bytes: bytes.slice(value.at, value.end) };
    else if (tag === TAG_TAKES_EARLY) takesEarly = true;
    if (
      (early !== undefined && early.bytes.length > EARLY_BYTES_MAX) ||
      capabilities.length + versions.length > HELLO_CAPABILITIES_MAX ||
      metadataBytes > HELLO_METADATA_BYTES_MAX
    ) {
      throw malformed("it says too much");
    }
  }
  return {
    versions,
    capabilities,
    windowBytes,
    messageBytesMax,
    sessionId,
    metadata: metadata ?? NO_METADATA,
    claim,
    ...refuses && { refuses },
    ...early && { early },
    ...takesEarly && { takesEarly },
  };
}

/** The version that both speak: the highest common major, the lower minor; `undefined` if there is none. */
export function commonVersion(ours: readonly Version[], theirs: readonly Version[]): Version | undefined {
  let best: Version | undefined;
  for (const { major, minor } of ours) {
    const other = theirs.find((version) => version.major === major);
    if (other === undefined || (best !== undefined && best.major >= major)) continue;
    best = { major, minor: Math.min(minor, other.minor) };
  }
  return best;
}

function claimBytes({ token, received }: Required<Hello>["claim"]): Uint8Array {
  const bytes = new Uint8Array(TOKEN_BYTES + varintLength(received));
  bytes.set(token);
  writeVarint(bytes, TOKEN_BYTES, received);
  return bytes;
}

function numberAndBytes(number: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(varintLength(number) + rest.length);
  bytes.set(rest, writeVarint(bytes, 0, number));
  return bytes;
}

function sessionIdOf(bytes: Uint8Array): Uint8Array {
  // Below 2^53, so that the whole id is one exact number.
  if (bytes.length !== 8 || bytes[0] !== 0 || bytes[1] >= 0x20) {
    throw malformed("its session id is out of range");
  }
  return bytes;
}

function numbers(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  let at = 0;
  for (const value of values) at = writeVarint(bytes, at, value);
  return bytes.subarray(0, at);
}

function pair(key: string, value: string): Uint8Array {
  const keyBytes = encoder.encode(key);
  const valueBytes = encoder.encode(value);
  const bytes = new Uint8Array(varintLength(keyBytes.length) + keyBytes.length + valueBytes.length);
  const at = writeVarint(bytes, 0, keyBytes.length);
  bytes.set(keyBytes, at);
  bytes.set(valueBytes, at + keyBytes.length);
  return bytes;
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new HawserError("protocol", "the peer's hello is malformed: it is not UTF-8", { cause });
  }
}

function malformed(why: string): HawserError {
  return new HawserError("protocol", `the peer's hello is malformed: ${why}`);
}

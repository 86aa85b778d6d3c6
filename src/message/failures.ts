/**
 * How errors travel: what a handler threw, or why no handler was asked.
 *
 * @module
 */

import { HawserError, type HawserErrorCode } from "../errors.ts";
import { ERROR_CHARS_MAX, NAME_BYTES_MAX } from "../message_limits.ts";
import { type Envelope, FORMAT_TEXT, KIND_ERROR, type ReceivedEnvelope } from "./envelope.ts";
import { CUSTOM_ID_MIN, type EncodedValue, type Formats } from "./formats.ts";
import { json } from "./json_format.ts";
import { ReplyError } from "./reply_error.ts";

// Who speaks: the application, or Hawser for it.
const BY_APPLICATION = 0;
const BY_HAWSER = 1;

/** What Hawser may say instead of a handler. */
const OWN_CODES: ReadonlySet<string> = new Set<HawserErrorCode>([
  "not-found",
  "limit",
  "closed",
  "timeout",
  "serialization",
  "unsupported",
  "packet-too-large",
]);

const INTERNAL = "internal";
// In any script.
const CODE_CHARS_MAX = Math.floor(NAME_BYTES_MAX / 3);

/**
 * What the peer is told of what a handler threw: all of a {@linkcode ReplyError}, without data that cannot be sent, and of
 * anything else only that it was.
 */
export function failureEnvelope(
  id: number | undefined,
  thrown: unknown,
  formats: Formats,
  peerCapabilities: readonly string[],
): Envelope {
  const { code, message, data } = thrown instanceof ReplyError
    ? thrown
    : { code: INTERNAL, message: "", data: undefined };
  const { format, payload } = encodeDetails({ message: cut(message), data }, formats, peerCapabilities);
  return {
    kind: KIND_ERROR,
    id,
    name: code.slice(0, CODE_CHARS_MAX),
    number: BY_APPLICATION,
    format,
    payload,
  };
}

/** What the peer is told if no handler of the application was asked, or what it said cannot be sent. */
export function refusalEnvelope(id: number | undefined, error: HawserError): Envelope {
  const payload = cut(error.message);
  return { kind: KIND_ERROR, id, name: error.code, number: BY_HAWSER, format: FORMAT_TEXT, payload };
}

/**
 * The error that an envelope of the kind ERROR tells of. `what` begins its message: 'the request "sum"'.
 * Never throws: what cannot be read is as good as no details.
 */
export function failureOf(envelope: ReceivedEnvelope, formats: Formats, what: string): HawserError {
  const { name: code = INTERNAL, number } = envelope;
  const details = detailsOf(envelope, formats);
  if (number === BY_HAWSER) {
    const known = OWN_CODES.has(code) ? code as HawserErrorCode : "remote";
    return new HawserError(known, `${what} was refused by the peer: ${words(details) || code}`);
  }
  const { message, data } = (typeof details === "object" && details !== null ? details : {}) as {
    message?: unknown;
    data?: unknown;
  };
  const remote = { code, message: words(message), data };
  return new HawserError(
    "remote",
    `${what} failed at the peer (${code}): ${remote.message || "no details"}`,
    {
      remote,
    },
  );
}

function encodeDetails(
  details: { readonly message: string; readonly data: unknown },
  formats: Formats,
  peerCapabilities: readonly string[],
): EncodedValue {
  // A format of the application's own may be for other values than this one.
  const name = formats.preferred.id < CUSTOM_ID_MIN ? undefined : json.name;
  try {
    return formats.encode(details, name, peerCapabilities);
  } catch {
    return formats.encode({ message: details.message }, json.name, peerCapabilities);
  }
}

function detailsOf({ format, payload }: ReceivedEnvelope, formats: Formats): unknown {
  try {
    return formats.decode(format, payload);
  } catch {
    return undefined;
  }
}

function words(message: unknown): string {
  return typeof message === "string" ? cut(message) : "";
}

function cut(text: string): string {
  return text.slice(0, ERROR_CHARS_MAX);
}

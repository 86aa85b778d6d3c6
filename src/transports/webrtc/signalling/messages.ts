/**
 * What goes over the WebSocket between a peer and a signalling endpoint: JSON in text messages.
 *
 * A peer names itself in the query: `?name=alice`. The endpoint says `{"joined": "alice"}`, or closes with a code. From
 * then on `{"to": "bob", "signal": {...}}` goes in, and comes out at bob as `{"from": "alice", "signal": {...}}`.
 * `{"ping": true}` is answered with `{"pong": true}`.
 *
 * @module
 */

import type { HawserErrorCode } from "../../../errors.ts";
import { SIGNALLING_MESSAGE_CHARS_MAX, SIGNALLING_NAME_CHARS_MAX } from "../../../limits.ts";
import type { Signal } from "../../../signalling.ts";

/** The close codes of an endpoint, and what they mean to a peer. */
export const CLOSE_CODES: Readonly<Record<number, HawserErrorCode>> = {
  4400: "protocol",
  4403: "not-authorised",
  4408: "timeout",
  4409: "address-in-use",
  4429: "limit",
};

/** What a peer says. */
export type ToEndpoint = { readonly to: string; readonly signal: Signal } | { readonly ping: true };

/** What an endpoint says. */
export type FromEndpoint =
  | { readonly joined: string }
  | { readonly from: string; readonly signal: Signal }
  | { readonly pong: true };

/** Whether this may be a name. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && name.length <= SIGNALLING_NAME_CHARS_MAX &&
    /^[A-Za-z0-9._-]+$/.test(name);
}

/** What a peer said, or `undefined` if that is nothing that peers say. */
export function parseToEndpoint(text: unknown): ToEndpoint | undefined {
  const message = parse(text);
  if (message?.ping === true) return { ping: true };
  const signal = signalOf(message?.signal);
  return isName(message?.to) && signal !== undefined ? { to: message.to, signal } : undefined;
}

/** What an endpoint said, or `undefined` if that is nothing that endpoints say. */
export function parseFromEndpoint(text: unknown): FromEndpoint | undefined {
  const message = parse(text);
  if (message?.pong === true) return { pong: true };
  if (isName(message?.joined)) return { joined: message.joined };
  const signal = signalOf(message?.signal);
  return isName(message?.from) && signal !== undefined ? { from: message.from, signal } : undefined;
}

function parse(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== "string" || text.length > SIGNALLING_MESSAGE_CHARS_MAX) return undefined;
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

// Made anew, so that nothing passes on that is no part of a signal.
function signalOf(value: unknown): Signal | undefined {
  const { type, sdp, candidate, mid, code, reason } = (value ?? {}) as Record<string, unknown>;
  if ((type === "offer" || type === "answer") && typeof sdp === "string") return { type, sdp };
  if (type === "candidate" && typeof candidate === "string" && typeof mid === "string") {
    return { type, candidate, mid };
  }
  if (type === "end" && typeof code === "string" && typeof reason === "string") {
    return { type, code: code as HawserErrorCode, reason };
  }
  return undefined;
}

/**
 * Which requests become WebTransport sessions, and what the others are told (RFC 9220, draft-ietf-webtrans-http3 §3).
 *
 * @module
 */

import { http3Error } from "./http3/error.ts";
import type { Field } from "./http3/static_table.ts";

/** What a listener asks of a request. */
export interface RequestRules {
  /** The only path that is served, without a query. */
  readonly path: string;
  /** Origins of pages that may connect, in lower case. */
  readonly origins: readonly string[];
}

const PSEUDO = new Set([":method", ":protocol", ":scheme", ":authority", ":path"]);

/** The request for a session. */
export function requestFields(authority: string, path: string): Field[] {
  return [
    [":method", "CONNECT"],
    [":protocol", "webtransport"],
    [":scheme", "https"],
    [":authority", authority],
    [":path", path],
    // Whoever speaks the oldest draft only wants it said.
    ["sec-webtransport-http3-draft02", "1"],
  ];
}

/**
 * The status of the answer: 200 where the request becomes a session.
 *
 * Browsers name the origin of the page in every request and let any page connect anywhere, so a request with an origin
 * must come from a listed one. Programs that are no pages send none.
 */
export function judgeRequest(fields: readonly Field[], rules: RequestRules): number {
  const request = new Map<string, string>();
  for (const [name, value] of fields) {
    const isPseudo = name.startsWith(":");
    // RFC 9114 §4.3: known names, once each, in lower case.
    if (isPseudo && (!PSEUDO.has(name) || request.has(name))) return 400;
    if (name === "origin" && request.has(name) || name !== name.toLowerCase()) return 400;
    request.set(name, value);
  }
  if (request.get(":method") !== "CONNECT" || request.get(":protocol") !== "webtransport") return 400;
  if (request.get(":scheme") !== "https" || !request.get(":authority")) return 400;
  if (request.get(":path")?.split("?")[0] !== rules.path) return 404;
  const origin = request.get("origin");
  return origin === undefined || rules.origins.includes(origin.toLowerCase()) ? 200 : 403;
}

/**
 * The status of a response.
 * @throws {HawserError} `protocol` if it has none
 */
export function statusOf(fields: readonly Field[]): number {
  const status = fields.find(([name]) => name === ":status")?.[1] ?? "";
  if (!/^[1-5]\d\d$/.test(status)) throw http3Error("its response has no status");
  return Number(status);
}

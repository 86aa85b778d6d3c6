/**
 * SETTINGS of HTTP/3 (RFC 9114 §7.2.4): that WebTransport is spoken, in the words of each draft that is in use.
 *
 * @module
 */

import { http3Error } from "./error.ts";
import { encodeFrame, FRAMES } from "./frames.ts";
import { readVarint, varints } from "./varint.ts";

const CONNECT_PROTOCOL = 0x08; // RFC 9220 §3
const DATAGRAM = 0x33; // RFC 9297 §2.1.1
// draft-ietf-webtrans-http3: ENABLE_WEBTRANSPORT of 02, WEBTRANSPORT_MAX_SESSIONS of 07, WT_MAX_SESSIONS of 13.
const WEB_TRANSPORT = [0x2b603742, 0xc671706a, 0x14e9cd29];
const SESSIONS_MAX = 16;

/** Our SETTINGS, as a frame. The dynamic table of QPACK stays at its default: there is none. */
export const SETTINGS: Uint8Array<ArrayBuffer> = encodeFrame(
  FRAMES.settings,
  varints(
    CONNECT_PROTOCOL,
    1,
    DATAGRAM,
    1,
    WEB_TRANSPORT[0],
    1,
    WEB_TRANSPORT[1],
    SESSIONS_MAX,
    WEB_TRANSPORT[2],
    SESSIONS_MAX,
  ),
);

/**
 * What a peer said, by identifier.
 * @throws {HawserError} `protocol` if it cannot be read, says something twice, or speaks HTTP/2
 */
export function decodeSettings(payload: Uint8Array): ReadonlyMap<number, number> {
  const settings = new Map<number, number>();
  for (let at = 0; at < payload.length;) {
    const id = readVarint(payload, at);
    const value = id === undefined ? undefined : readVarint(payload, id.end);
    if (id === undefined || value === undefined) throw http3Error("its SETTINGS are cut off");
    if (settings.has(id.value)) throw http3Error(`its SETTINGS say ${id.value} twice`);
    if (id.value >= 2 && id.value <= 5) throw http3Error(`its SETTINGS have ${id.value}, which is of HTTP/2`);
    settings.set(id.value, value.value);
    at = value.end;
  }
  return settings;
}

/** Whether a server with these settings takes WebTransport sessions. */
export function takesSessions(settings: ReadonlyMap<number, number>): boolean {
  return WEB_TRANSPORT.some((id) => (settings.get(id) ?? 0) > 0);
}

/**
 * What the address and the options of `webrtc://` say, checked.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  SIGNALLING_NAME_CHARS_MAX,
  UDP_MTU_MIN,
  WEBRTC_MESSAGE_BYTES_MAX,
  WEBRTC_MTU_DEFAULT,
} from "../../limits.ts";
import type { Address, TransportOptions } from "../../link.ts";
import { randomBytes } from "../../random.ts";
import type { Signalling, WebrtcOptions } from "../../signalling.ts";
import { iceTargets } from "./ice_server.ts";
import type { ChannelInit, PeerConfig } from "./peer.ts";
import { webrtcSignalling } from "./signalling/client.ts";

/** The subprotocol of a channel that carries a stream. */
export const STREAM_PROTOCOL = "hawser-v1";

/** The subprotocol of a channel whose messages are datagrams. */
export const DATAGRAM_PROTOCOL = "hawser-datagram-v1";

/** What a dial or a listener works with. */
export interface Settings {
  readonly signalling: Signalling;
  readonly peer: PeerConfig;
  /** What a dial opens. */
  readonly channel: ChannelInit;
  /** The most bytes of one datagram. */
  readonly mtu: number;
}

/**
 * Settings from an address and its options.
 * @throws {HawserError} `invalid-address` where nothing says over which signalling
 * @throws {TypeError} for options that exclude each other, and for ICE servers that are none
 * @throws {RangeError} for numbers out of range
 */
export function settingsOf(address: Address, options: TransportOptions): Settings {
  const { webrtc = {}, mtu = WEBRTC_MTU_DEFAULT } = options;
  const { iceServers = [], iceTransportPolicy = "all" } = webrtc;
  iceTargets(iceServers);
  if (iceTransportPolicy !== "all" && iceTransportPolicy !== "relay") {
    throw new TypeError(`iceTransportPolicy is all or relay, not ${iceTransportPolicy}`);
  }
  checkWhole("mtu", mtu, UDP_MTU_MIN, WEBRTC_MESSAGE_BYTES_MAX);
  return {
    signalling: signallingOf(address, webrtc),
    peer: { iceServers, iceTransportPolicy },
    channel: channelOf(webrtc),
    mtu,
  };
}

/** A name that nobody else has. */
export function freshName(): string {
  return Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The name in an address.
 * @throws {HawserError} `invalid-address` where it is too long
 */
export function nameOf(address: Address): string {
  if (address.host.length <= SIGNALLING_NAME_CHARS_MAX) return address.host;
  throw wrong(address, `its name is longer than ${SIGNALLING_NAME_CHARS_MAX} characters`);
}

function channelOf({ ordered = true, maxRetransmits, maxPacketLifeTime }: WebrtcOptions): ChannelInit {
  if (maxRetransmits !== undefined && maxPacketLifeTime !== undefined) {
    throw new TypeError("maxRetransmits and maxPacketLifeTime exclude each other; give one of them");
  }
  for (const [name, value] of Object.entries({ maxRetransmits, maxPacketLifeTime })) {
    if (value !== undefined) checkWhole(name, value, 0, 65_535);
  }
  const isStream = ordered && maxRetransmits === undefined && maxPacketLifeTime === undefined;
  const protocol = isStream ? STREAM_PROTOCOL : DATAGRAM_PROTOCOL;
  return { protocol, ordered, maxRetransmits, maxPacketLifeTime };
}

function signallingOf(address: Address, { signalling }: WebrtcOptions): Signalling {
  const given = signallingUrlOf(address) ?? signalling;
  if (typeof given === "string") return webrtcSignalling(given);
  if (typeof given?.join === "function") return given;
  throw wrong(address, "nothing says over which signalling: write ?signalling=, or give webrtc.signalling");
}

function signallingUrlOf(address: Address): string | undefined {
  if (address.path === "" || address.path === "/") return undefined;
  const query = new URLSearchParams(address.path.replace(/^\/\??/, ""));
  const url = query.get("signalling");
  if (!address.path.startsWith("/?") || query.size !== 1 || url === null) {
    throw wrong(address, "behind its name stands ?signalling= and nothing else");
  }
  return url;
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
}

function wrong({ href }: Address, what: string): HawserError {
  return new HawserError(
    "invalid-address",
    `${href} cannot be used: ${what}, as in webrtc://name?signalling=wss://host/path`,
  );
}

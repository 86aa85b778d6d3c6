/**
 * What both sides agree on in the handshake, and the lanes that follow from it.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Hello, Version } from "../wire/hello.ts";
import type { Peer, SessionConfig } from "./config.ts";
import type { Handshake } from "./handshake.ts";
import { ReceiveLane, SendLane } from "./lanes.ts";
import { peerIdOf } from "./peer_id.ts";

/** The versions that this implementation speaks. */
export const VERSIONS: readonly Version[] = [{ major: 1, minor: 0 }];

const CAPABILITY_LZ4 = "lz4";

/** What we say of ourselves. */
export function ourHello(config: SessionConfig): Hello {
  const { limits, compress, metadata, sessionId, traits } = config;
  return {
    versions: VERSIONS,
    capabilities: compress ? [CAPABILITY_LZ4] : [],
    windowBytes: traits.kind === "datagram" ? limits.datagramWindowBytes : limits.windowBytes,
    messageBytesMax: limits.messageBytesMax,
    sessionId,
    metadata,
  };
}

/** The peer as an identified handshake shows it. */
export function peerOf(config: SessionConfig, handshake: Handshake): Peer {
  const { peerKey, peerHello, version } = handshake;
  const ours = ourHello(config).capabilities;
  const capabilities = peerHello.capabilities.filter((name) => ours.includes(name));
  return { id: peerIdOf(peerKey), metadata: peerHello.metadata, capabilities, version };
}

/** Whether both sides compress. */
export function canCompress(peer: Peer): boolean {
  return peer.capabilities.includes(CAPABILITY_LZ4);
}

/**
 * The two lanes of an identified handshake.
 * @throws {HawserError} `protocol` if the responder left out what a datagram link needs.
 */
export function makeLanes(config: SessionConfig, handshake: Handshake, now: number): [SendLane, ReceiveLane] {
  const { codec, limits, role, traits } = config;
  const isDatagram = traits.kind === "datagram";
  const sessionId = isDatagram ? config.sessionId ?? handshake.peerHello.sessionId : undefined;
  if (isDatagram && sessionId === undefined) {
    throw new HawserError("protocol", "the responder gave no session id over a datagram link");
  }
  const [first, second] = handshake.secretKeys();
  const [ours, theirs] = role === "initiator" ? [first, second] : [second, first];
  return [
    new SendLane(codec, ours, sessionId, limits, now),
    new ReceiveLane(codec, theirs, isDatagram, limits),
  ];
}

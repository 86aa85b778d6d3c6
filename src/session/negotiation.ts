/**
 * What both sides agree on in the handshake, and the lanes that follow from it.
 *
 * @module
 */

import type { CompressionName } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import type { Hello, Version } from "../wire/hello.ts";
import { type Compression, compressionName, type Peer, type SessionConfig } from "./config.ts";
import { Handshake } from "./handshake.ts";
import { type ReceiveLane, SealedReceiveLane, SealedSendLane, type SendLane } from "./lanes.ts";
import { LaneKeys } from "./streams/lane_keys.ts";
import { peerIdOf } from "./peer_id.ts";
import { PlainReceiveLane, PlainSendLane } from "./plain_lanes.ts";
import { resumptionToken } from "./resumption.ts";
import type { SessionSnapshot } from "./snapshot.ts";

/** What an identified handshake leads to. */
export interface Lanes {
  readonly send: SendLane;
  readonly receive: ReceiveLane;
  /** What the session is known by, if both sides want it to outlive its link. */
  readonly token?: Uint8Array;
  /** What makes the lanes of streams, where both sides let them ride on streams of the network. */
  readonly streams?: LaneKeys;
}

/** The versions that this implementation speaks. */
export const VERSIONS: readonly Version[] = [{ major: 1, minor: 0 }];

const CAPABILITY_PLAIN = "plain";
const CAPABILITY_NATIVE_STREAMS = "native-streams";
const CAPABILITY_RESUME = "resume";

/** What we say of ourselves. */
export function ourHello(config: SessionConfig): Hello {
  const { limits, capabilities = [], compression, metadata, sessionId, traits } = config;
  return {
    versions: VERSIONS,
    capabilities: [
      ...compression.map(compressionName),
      ...mayBePlain(config) ? [CAPABILITY_PLAIN] : [],
      // What is kept to a rate travels on the main lane, which counts it.
      ...traits.nativeStreams && config.rates === undefined ? [CAPABILITY_NATIVE_STREAMS] : [],
      ...capabilities,
      ...mayResume(config) ? [CAPABILITY_RESUME] : [],
    ],
    windowBytes: traits.kind === "datagram" ? limits.datagramWindowBytes : limits.windowBytes,
    messageBytesMax: limits.messageBytesMax,
    sessionId,
    metadata,
    claim: config.claim,
  };
}

/** Our side of the handshake: an initiator's first packet is pending at once. */
export function beginHandshake(config: SessionConfig, now: number): Handshake {
  const { role, traits, codec, staticKey, random, terms } = config;
  return new Handshake({
    initiator: role === "initiator",
    datagram: traits.kind === "datagram",
    mtu: traits.mtu,
    aead: (key, nonce, ad) => codec.chacha20poly1305(key, nonce, ad),
    staticKey,
    terms,
    hello: ourHello(config),
    early: config.early,
    random,
  }, now);
}

/** The peer as an identified handshake shows it. */
export function peerOf(config: SessionConfig, handshake: Handshake): Peer {
  const { peerKey, peerHello, version, pattern } = handshake;
  const ours = ourHello(config).capabilities;
  // A short handshake is complete only with a sealed packet, so its packets are sealed.
  const capabilities = peerHello.capabilities.filter((name) =>
    ours.includes(name) && !(pattern.isShort && name === CAPABILITY_PLAIN)
  );
  return {
    id: peerKey === undefined ? "" : peerIdOf(peerKey),
    handshake: pattern.name,
    metadata: peerHello.metadata,
    capabilities,
    version,
  };
}

/** The name of what we compress with; `undefined` for nothing. */
export function compressionNameTo(config: SessionConfig, peer: Peer): CompressionName | undefined {
  const compression = compressionTo(config, peer);
  return compression && compressionName(compression);
}

/** Whether packets stay unsealed: both sides want it, and the link is such that it may be. */
export function isPlain(peer: Peer): boolean {
  return peer.capabilities.includes(CAPABILITY_PLAIN);
}

/**
 * The two lanes of an identified handshake.
 * @throws {HawserError} `protocol` if the responder left out what a datagram link needs.
 */
export function makeLanes(
  config: SessionConfig,
  handshake: Handshake,
  peer: Peer,
  now: number,
): Lanes {
  const { codec, limits, role, traits } = config;
  const isDatagram = traits.kind === "datagram";
  const sessionId = isDatagram ? config.sessionId ?? handshake.peerHello.sessionId : undefined;
  if (isDatagram && sessionId === undefined) {
    throw new HawserError("protocol", "the responder gave no session id over a datagram link");
  }
  if (isPlain(peer)) {
    return { send: new PlainSendLane(codec), receive: new PlainReceiveLane() };
  }
  const [first, second] = handshake.secretKeys();
  const [ours, theirs] = role === "initiator" ? [first, second] : [second, first];
  const compression = compressionTo(config, peer);
  const accepts = agreed(config.compression, peer);
  const token = peer.capabilities.includes(CAPABILITY_RESUME) ? resumptionToken(first, second) : undefined;
  // Before the lanes take the keys, and wipe them.
  const streams = peer.capabilities.includes(CAPABILITY_NATIVE_STREAMS)
    ? new LaneKeys(config, [ours, theirs], compression, accepts)
    : undefined;
  return {
    streams,
    send: new SealedSendLane(codec, ours, sessionId, limits, now, { compression }),
    receive: new SealedReceiveLane(codec, theirs, isDatagram, limits, { accepts }),
    token,
  };
}

/** The two lanes of a session that goes on where a snapshot was taken. */
export function thawLanes(
  config: SessionConfig,
  { send, receive }: SessionSnapshot,
  peer: Peer,
  now: number,
): [SendLane, ReceiveLane] {
  const { codec, limits } = config;
  const compression = compressionTo(config, peer);
  const accepts = agreed(config.compression, peer);
  return [
    new SealedSendLane(codec, send.key, undefined, limits, now, { compression, from: send }),
    new SealedReceiveLane(codec, receive.key, false, limits, { accepts, from: receive }),
  ];
}

/**
 * What we compress with: the first of ours that the peer has too. Over datagrams nothing, because a smaller datagram is
 * one datagram all the same; and nothing in memory, where bytes cost nothing.
 */
function compressionTo({ compression, traits }: SessionConfig, peer: Peer): Compression | undefined {
  if (traits.kind === "datagram" || isPlain(peer)) return undefined;
  return agreed(compression, peer).find((each) => each === "lz4" || each.pack !== undefined);
}

/** What both sides named: our own list as it is if that is all of it, because there may be many connections. */
function agreed(compression: readonly Compression[], peer: Peer): readonly Compression[] {
  const isAgreed = (each: Compression) => peer.capabilities.includes(compressionName(each));
  return compression.every(isAgreed) ? compression : compression.filter(isAgreed);
}

// What datagrams carry may be lost by itself.
function mayResume({ resume, traits }: SessionConfig): boolean {
  return resume === true && traits.kind !== "datagram";
}

// Over datagrams sequence numbers tell what came twice; they belong to the sealed packet. What is claimed is proved by keys.
function mayBePlain({ plain, claim, traits }: SessionConfig): boolean {
  return plain && claim === undefined && traits.inMemory === true && traits.kind !== "datagram";
}

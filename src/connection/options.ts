/**
 * What `connect` and `listen` are told.
 *
 * @module
 */

import { COMPRESSION_BYTES_MIN } from "../compression_limits.ts";
import {
  DATAGRAM_WINDOW_BYTES_MIN,
  HELLO_METADATA_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  REASSEMBLY_MESSAGES_MAX,
  REASSEMBLY_RUNS_MAX,
  SESSION_LIMITS,
  type SessionLimits,
  WINDOW_BYTES_MAX,
  WINDOW_BYTES_MIN,
} from "../limits.ts";
import { STREAM_WINDOW_BYTES_INITIAL, STREAMS_MAX, STREAMS_WINDOW_BYTES_INITIAL } from "../stream_limits.ts";
import type { HawserError } from "../errors.ts";
import type { TransportOptions } from "../link.ts";
import { BATCH_DELAY_MS_MAX, PARTED_MESSAGES_MAX } from "../scheduler_limits.ts";
import type { PacketCodec } from "../codec/codec.ts";
import { randomBytes } from "../random.ts";
import {
  createKeyPair,
  type HandshakeName,
  type HandshakeTerms,
  type Kem,
  type Peer,
  type SessionConfig,
} from "../session/mod.ts";
import { type CompressionChoice, compressionsOf } from "./compression.ts";
import { type Format, Formats } from "../message/formats.ts";
import { MESSAGE_LIMITS, type MessageLimits } from "../message_limits.ts";
import type { SlowOptions } from "../message/slow_queue.ts";
import type { BlockSupport } from "./block_part.ts";
import type { EarlyDataHandler } from "./early_data.ts";
import { createIdentity, type Identity } from "./identity.ts";
import type { KnownPeers } from "./known_peers.ts";
import type { MessageConfig } from "./message_parts.ts";
import type { ResumeOptions } from "./redial.ts";
import type { Preference } from "./preference.ts";
import { limitsUnder, type Rates, sessionRates } from "./rates.ts";

export type { HandshakeName, Kem } from "../session/mod.ts";

// The length of a key, at most.
const METADATA_PAIR_BYTES = 2;

/** What both sides may be told. */
export interface CommonOptions extends TransportOptions {
  /** Who we are. Default: a new identity, which nobody has heard of. */
  identity?: Identity;
  /**
   * 32 random bytes that both sides share: whoever lacks them gets nowhere, whatever keys it has. No password: who
   * listens in can try every word of a dictionary.
   */
  seed?: Uint8Array;
  /**
   * Agree on keys by ML-KEM-768 too, so that a quantum computer of the future opens nothing of what is recorded today:
   * what `@hawser/hawser/post-quantum` exports. Both sides must want it.
   */
  postQuantum?: Kem;
  /** Words about ourselves that the peer gets with the handshake: at most 768 bytes. */
  metadata?: Readonly<Record<string, string>>;
  /**
   * Compress what gains by it, with the first of these that we have and the peer names too: `["zstd", "lz4"]`. Each
   * direction follows its sender. `true`, the default, is LZ4; zstd packs more tightly and takes several times as
   * long. Turn it off where secrets stand beside words of an attacker (CRIME), here or for one message.
   */
  compress?: CompressionChoice;
  /**
   * Leave packets unsealed where they never leave the memory of this machine (`mem://`), if the peer says so too. Both
   * sides still prove who they are. Links of every other kind are sealed all the same. Default false.
   */
  plain?: boolean;
  /** Carries blocks: `blocks` of `@hawser/hawser/blocks`. Only web pages need it; elsewhere it is there. */
  blocks?: BlockSupport;
  /** Formats of values beside bytes, text and JSON; both sides need them. MessagePack is among them except in web pages. */
  formats?: readonly Format[];
  /** The name of the format for values that are neither bytes nor text. Default `json`. */
  format?: string;
  /** Bounds of requests and values other than the defaults in `MESSAGE_LIMITS`. */
  messageLimits?: Partial<MessageLimits>;
  /**
   * How much each connection may send and receive per second, in bytes on the link and in messages. Nothing is dropped
   * for it: what leaves is delayed, what comes is held back. A packet of up to 64 KiB leaves whole, and what it takes
   * beyond the burst is made up for after it. Default: no bound.
   */
  rates?: Rates;
  /**
   * How long small messages wait for others to share a packet with, in milliseconds, up to 1,000. Default 0: what is sent
   * in one turn of the event loop leaves together, at its end.
   */
  batchDelayMs?: number;
  /** Bounds and times other than the defaults in `SESSION_LIMITS`. */
  limits?: Partial<SessionLimits>;
}

/** What `connect` may be told. */
export interface ConnectOptions extends CommonOptions {
  /** Peer ids that the other side may have, beside the one in the address. */
  expect?: string | readonly string[];
  /**
   * How the sides prove who they are. `XX`, the default: both tell their keys. `IK`: one round trip less, where the address
   * carries the peer id; our own is then readable to whoever ever gets the listener's secret key. `NN`: nobody has a key,
   * only the `seed` counts.
   */
  handshake?: HandshakeName;
  /**
   * Up to 512 bytes that the listener gets with the very first packet, a round trip before any message: needs the handshake
   * `IK`, and a listener with `onEarlyData`. Whether it was taken, `connection.isEarlyDataTaken` says. Only for what does no
   * harm when it is taken twice: each of several addresses may get it, and so may each listener with the same identity, from
   * whoever recorded it. Whoever ever gets the listener's secret key can read it.
   */
  earlyData?: Uint8Array;
  /**
   * Decides about a peer that neither the address nor `expect` names. `() => true` trusts anybody. `"first-use"` trusts
   * whoever is at an address first, and from then on nobody else there: `knownPeers` remembers.
   */
  trust?: "first-use" | ((peer: Peer) => boolean | Promise<boolean>);
  /** Who was seen where first: the path of a file, which is made if there is none, or a place of your own. */
  knownPeers?: string | KnownPeers;
  /**
   * Outlive the link: when it is lost, dial again, every address in turn, and go on where the conversation stood. What was
   * sent and not acknowledged is said again, and taken once. Links that keep order only. Default false.
   */
  resume?: boolean | ResumeOptions;
  /** Gives up when it aborts, with its reason. Once connected it has no effect. */
  signal?: AbortSignal;
  /** How long opening the link may take, in milliseconds, for each address. Default 10,000. */
  connectMsMax?: number;
  /** What to order several addresses by. Default: as they are given. */
  prefer?: Preference;
  /** How long one address is tried alone before the next joins in, in milliseconds. Default 250. */
  headStartMs?: number;
}

/** What `listen` may be told. */
export interface ListenOptions extends CommonOptions {
  /** Decides whether a peer that has proved its identity is admitted. Default: all are. */
  authorize?: (peer: Peer) => boolean | Promise<boolean>;
  /** Which handshakes are taken. Default: `XX` and `IK`. With a `seed`, each needs it. */
  handshakes?: readonly HandshakeName[];
  /** Hears of each handshake that failed, and where it came from. Must not throw. */
  onRefusal?: (error: HawserError, remoteAddress: string) => void;
  /**
   * Takes the `earlyData` of clients, before a round trip has shown that they are there: it may be the replay of a record.
   * `authorize` has been asked before. What was sent more than 5 seconds before or after now is not taken, and nothing is
   * taken twice by this listener. One with an `identity` takes nothing that was sent before it was 5 seconds old, because
   * it cannot know what was taken before it. The client hears whether it was taken. Default: none is.
   */
  onEarlyData?: EarlyDataHandler;
  /** Keep the session of a peer that wants it when its link is lost, for `limits.resumeMsMax`. Default true. */
  resume?: boolean;
  /** Connections at once. Default 10,000. */
  connectionsMax?: number;
  /**
   * What happens to events of `publish`, `broadcast`, `multicast` and `relay` for a peer that does not take them in time:
   * beyond its send queue so many wait, and then its oldest are dropped. `close` ends its connection, `block` makes whoever
   * publishes wait. Default `{ onSlow: "drop-oldest", queueMax: 1_024, queueBytesMax: 2 ** 20 }`.
   */
  slowSubscribers?: SlowOptions;
  /** Handshakes under way at once. Default 1,000. */
  handshakesMax?: number;
  /** The same as `rates`, for all connections of the listener together, which share it fairly. Default: no bound. */
  commonRates?: Rates;
  /** Stops listening when it aborts. */
  signal?: AbortSignal;
}

/**
 * What a session is made of, from what the user said.
 * @throws {RangeError} for a limit, a rate or a delay that cannot be, or too much metadata.
 */
export function sessionConfig(
  options: CommonOptions & Pick<ListenOptions, "commonRates"> & Pick<ConnectOptions, "resume">,
  role: SessionConfig["role"],
  codec: PacketCodec,
  terms: HandshakeTerms,
  capabilities: readonly string[] = [],
): Omit<SessionConfig, "traits"> {
  const { rates, commonRates } = options;
  return {
    role,
    codec,
    staticKey: createKeyPair((options.identity ?? createIdentity()).secretKey),
    terms,
    random: randomBytes,
    metadata: checkedMetadata(options.metadata ?? {}),
    compression: compressionsOf(options.compress ?? true),
    capabilities,
    plain: options.plain ?? false,
    resume: (options.resume ?? role === "responder") !== false,
    limits: limitsUnder(sessionLimits(options.limits ?? {}), rates, commonRates),
    rates: sessionRates(rates, commonRates),
    batchDelayMs: checkedBatchDelay(options.batchDelayMs),
  };
}

/**
 * What typed messages are sent and taken with: the formats that come with the door, and what the user said.
 * @throws {TypeError} for a format that cannot be, or two of one name; {RangeError} for a limit that cannot be.
 */
export function messageConfig(
  { formats = [], format, messageLimits = {}, blocks }: CommonOptions,
  ours: readonly Format[] = [],
  ourBlocks?: BlockSupport,
): MessageConfig {
  for (const [name, value] of Object.entries(messageLimits)) {
    if (!(name in MESSAGE_LIMITS)) throw new TypeError(`there is no limit of messages of the name ${name}`);
    checkLimit(name, value);
  }
  return {
    formats: new Formats([...new Set([...ours, ...formats])], format),
    limits: { ...MESSAGE_LIMITS, ...messageLimits },
    blocks: blocks ?? ourBlocks,
  };
}

function checkedBatchDelay(ms = 0): number {
  if (ms >= 0 && ms <= BATCH_DELAY_MS_MAX) return ms;
  throw new RangeError(`batchDelayMs is a number from 0 to ${BATCH_DELAY_MS_MAX}, not ${ms}`);
}

function checkedMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new TypeError(`metadata.${key} must be a string, not ${typeof value}`);
    }
    bytes += METADATA_PAIR_BYTES + encoder.encode(key).length + encoder.encode(value).length;
  }
  if (bytes > HELLO_METADATA_BYTES_MAX) {
    throw new RangeError(
      `metadata takes ${bytes} bytes, of which only ${HELLO_METADATA_BYTES_MAX} fit the handshake`,
    );
  }
  return { ...metadata };
}

function sessionLimits(given: Partial<SessionLimits>): SessionLimits {
  for (const name of Object.keys(given)) {
    if (!(name in SESSION_LIMITS)) throw new TypeError(`there is no limit of the name ${name}`);
  }
  const reassemblyBytesMax = Math.max(SESSION_LIMITS.reassemblyBytesMax, 2 * (given.messageBytesMax ?? 0));
  const limits = { ...SESSION_LIMITS, reassemblyBytesMax, ...given };
  for (const [name, value] of Object.entries(limits)) checkLimit(name, value);
  atLeast("windowBytes", limits.windowBytes, WINDOW_BYTES_MIN);
  atLeast("datagramWindowBytes", limits.datagramWindowBytes, DATAGRAM_WINDOW_BYTES_MIN);
  atLeast("streamWindowBytes", limits.streamWindowBytes, STREAM_WINDOW_BYTES_INITIAL);
  atLeast("streamsWindowBytes", limits.streamsWindowBytes, STREAMS_WINDOW_BYTES_INITIAL);
  atLeast("sendQueueBytesMax", limits.sendQueueBytesMax, limits.sendQueueBytesHigh);
  atLeast("reassemblyBytesMax", limits.reassemblyBytesMax, 2 * limits.messageBytesMax);
  atLeast("reassemblyMessagesMax", limits.reassemblyMessagesMax, PARTED_MESSAGES_MAX);
  atLeast("compressionBytesMin", limits.compressionBytesMin, COMPRESSION_BYTES_MIN);
  atMost("messageBytesMax", limits.messageBytesMax, MESSAGE_BYTES_MAX);
  atMost("windowBytes", limits.windowBytes, WINDOW_BYTES_MAX);
  atMost("streamWindowBytes", limits.streamWindowBytes, WINDOW_BYTES_MAX);
  atMost("streamsWindowBytes", limits.streamsWindowBytes, WINDOW_BYTES_MAX);
  atMost("streamsMax", limits.streamsMax, STREAMS_MAX);
  atMost("datagramWindowBytes", limits.datagramWindowBytes, WINDOW_BYTES_MAX);
  atMost("reassemblyRunsMax", limits.reassemblyRunsMax, REASSEMBLY_RUNS_MAX);
  atMost("reassemblyMessagesMax", limits.reassemblyMessagesMax, REASSEMBLY_MESSAGES_MAX);
  return limits;
}

// Times may be endless and need not be whole; what is counted must be.
function checkLimit(name: string, value: unknown): void {
  const isTime = /Ms(Max)?$/.test(name);
  if (typeof value !== "number" || !(value > 0) || (!isTime && !Number.isSafeInteger(value))) {
    throw new RangeError(`limits.${name} must be a ${isTime ? "" : "whole "}number above 0, but is ${value}`);
  }
}

function atMost(name: string, value: number, max: number): void {
  if (value > max) throw new RangeError(`limits.${name} must be at most ${max}, but is ${value}`);
}

function atLeast(name: string, value: number, min: number): void {
  if (value < min) throw new RangeError(`limits.${name} must be at least ${min}, but is ${value}`);
}

/**
 * Dialling, whatever the runtime offers for it.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import type { Address, Link } from "../link.ts";
import type { Format } from "../message/formats.ts";
import { parseAddress } from "../transports/address.ts";
import type { TransportTable } from "../transports/table.ts";
import { createIdentity } from "./identity.ts";
import { findLinkBy } from "./find_link.ts";
import { wallClock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { Expectation } from "./expectation.ts";
import type { KnownPeers } from "./known_peers.ts";
import type { BlockSupport } from "./block_part.ts";
import { capabilitiesOf } from "./message_parts.ts";
import { type ConnectOptions, messageConfig, sessionConfig } from "./options.ts";
import { inOrderOf } from "./preference.ts";
import { race } from "./race.ts";
import type { FindLink } from "./resumable_connection.ts";
import { checkEarlyData, initiatorTerms } from "./terms.ts";

const CONNECT_MS_MAX = 10_000;
// RFC 8305 §8: the delay between connection attempts.
const HEAD_START_MS = 250;

/** What a runtime dials with. */
export interface Equipment {
  /** The byte engine. */
  codec(): PacketCodec | Promise<PacketCodec>;
  /** Who serves which scheme. */
  readonly transports: TransportTable;
  /** Formats of values beside those that are always there. */
  readonly formats?: readonly Format[];
  /** What carries blocks. */
  readonly blocks?: BlockSupport;
  /** Known peers in files, where there are any. */
  knownPeersFile?(path: string): KnownPeers;
}

/** `connect`, with the equipment of one runtime. */
export async function connectWith(
  equipment: Equipment,
  addresses: string | readonly string[],
  options: ConnectOptions,
): Promise<Connection> {
  const given = (typeof addresses === "string" ? [addresses] : addresses).map(parseAddress);
  if (given.length === 0) throw new HawserError("invalid-address", "connect needs at least one address");
  checkEarlyData(options.earlyData, options.handshake);
  const known = knownPeersOf(equipment, options);
  for (const address of given) new Expectation(address, options, known);
  const list = inOrderOf(options.prefer, given);
  const { headStartMs = HEAD_START_MS } = options;
  if (!(headStartMs >= 0)) throw new RangeError(`headStartMs must be 0 or more, but is ${headStartMs}`);
  // Who dials again must be the same as before.
  const identified = { ...options, identity: options.identity ?? createIdentity() };
  const findLink = options.resume ? findLinkOf(equipment, list, identified) : undefined;
  if (list.length === 1) return await connectOne(equipment, list[0], identified, findLink);
  try {
    return await race(
      list.map((address) => (signal) => connectOne(equipment, address, { ...identified, signal }, findLink)),
      {
        headStartMs,
        signal: options.signal,
        isFatal: (error) => !(error instanceof HawserError),
        discard: (late) => void late.close(),
      },
    );
  } catch (error) {
    throw error instanceof AggregateError ? allFailed(list, error) : error;
  }
}

function findLinkOf(equipment: Equipment, addresses: readonly Address[], options: ConnectOptions): FindLink {
  const { resume, handshake } = options;
  if (handshake === "NN") {
    throw new RangeError("resume needs peers that have keys: take the handshake XX or IK");
  }
  return findLinkBy({
    addresses,
    options: typeof resume === "object" ? resume : {},
    dial: (address, signal) => dial(equipment, address, { ...options, signal }),
    config: async () => {
      // The claim must not travel in a first message, which can be said again by whoever has recorded it.
      const terms = initiatorTerms({ ...options, handshake: "XX" }, new Set());
      return sessionConfig(options, "initiator", await equipment.codec(), terms);
    },
  });
}

function allFailed(list: readonly Address[], all: AggregateError): HawserError {
  const { code } = all.errors[0];
  const what = list.map(({ href }, index) => `${href}: ${all.errors[index].message}`).join("; ");
  const retryable = all.errors.some((error: HawserError) => error.retryable);
  return new HawserError(code, `none of ${list.length} addresses could be connected: ${what}`, {
    cause: all,
    retryable,
  });
}

async function connectOne(
  equipment: Equipment,
  address: Address,
  options: ConnectOptions,
  findLink?: FindLink,
): Promise<Connection> {
  const expectation = new Expectation(address, options, knownPeersOf(equipment, options));
  const messages = messageConfig(options, equipment.formats, equipment.blocks);
  const terms = await expectation.terms();
  const capabilities = capabilitiesOf(messages);
  const config = sessionConfig(options, "initiator", await equipment.codec(), terms, capabilities);
  const link = await dial(equipment, address, options);
  const { earlyData } = options;
  let connection: Connection;
  try {
    connection = new Connection({
      link,
      config: earlyData ? { ...config, early: { bytes: earlyData, at: wallClock() } } : config,
      messages,
      decide: (peer) => expectation.decide(peer),
      findLink,
    });
  } catch (error) {
    await link.close({ abort: true });
    throw error;
  }
  try {
    await connection.start(options.signal);
  } finally {
    config.staticKey.dispose();
  }
  return connection;
}

async function dial(equipment: Equipment, address: Address, options: ConnectOptions): Promise<Link> {
  const { signal, connectMsMax = CONNECT_MS_MAX } = options;
  signal?.throwIfAborted();
  const transport = await equipment.transports.find(address.scheme);
  const controller = new AbortController();
  const giveUp = () => controller.abort(signal?.reason);
  const timer = setTimeout(
    () =>
      controller.abort(
        new HawserError("timeout", `${address.href} did not answer within ${connectMsMax} ms`),
      ),
    connectMsMax,
  );
  signal?.addEventListener("abort", giveUp);
  try {
    return await transport.dial(address, { ...options, signal: controller.signal });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

function knownPeersOf(equipment: Equipment, { knownPeers }: ConnectOptions): KnownPeers | undefined {
  if (typeof knownPeers !== "string") return knownPeers;
  if (equipment.knownPeersFile !== undefined) return equipment.knownPeersFile(knownPeers);
  throw new HawserError(
    "unsupported",
    "there are no files here: give knownPeers an object with find and remember",
  );
}

/**
 * Dialling, whatever the runtime offers for it.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import type { Address, Link } from "../link.ts";
import type { Format } from "../message/formats.ts";
import { parsePeerId, type Peer } from "../session/mod.ts";
import { parseAddress } from "../transports/address.ts";
import type { TransportTable } from "../transports/table.ts";
import { Connection } from "./connection.ts";
import { type ConnectOptions, messageConfig, sessionConfig } from "./options.ts";
import { inOrderOf } from "./preference.ts";
import { race } from "./race.ts";
import { initiatorTerms } from "./terms.ts";

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
}

/** `connect`, with the equipment of one runtime. */
export async function connectWith(
  equipment: Equipment,
  addresses: string | readonly string[],
  options: ConnectOptions,
): Promise<Connection> {
  const given = (typeof addresses === "string" ? [addresses] : addresses).map(parseAddress);
  if (given.length === 0) throw new HawserError("invalid-address", "connect needs at least one address");
  for (const address of given) {
    requireExpectation(address, options);
    initiatorTerms(options, expectedIds(address, options));
  }
  const list = inOrderOf(options.prefer, given);
  const { headStartMs = HEAD_START_MS } = options;
  if (!(headStartMs >= 0)) throw new RangeError(`headStartMs must be 0 or more, but is ${headStartMs}`);
  if (list.length === 1) return await connectOne(equipment, list[0], options);
  try {
    return await race(
      list.map((address) => (signal) => connectOne(equipment, address, { ...options, signal })),
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
): Promise<Connection> {
  const expected = expectedIds(address, options);
  const messages = messageConfig(options, equipment.formats);
  const terms = initiatorTerms(options, expected);
  const config = sessionConfig(
    options,
    "initiator",
    await equipment.codec(),
    terms,
    messages.formats.capabilities,
  );
  const link = await dial(equipment, address, options);
  let connection: Connection;
  try {
    connection = new Connection({
      link,
      config,
      messages,
      decide: (peer) => decide(peer, expected, options),
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

function expectedIds(address: Address, options: ConnectOptions): Set<string> {
  const { expect = [] } = options;
  const ids = new Set(typeof expect === "string" ? [expect] : expect);
  if (address.peerId !== undefined) ids.add(address.peerId);
  for (const id of ids) parsePeerId(id);
  return ids;
}

function requireExpectation(address: Address, options: ConnectOptions): void {
  const { trust, seed } = options;
  if (expectedIds(address, options).size > 0 || trust !== undefined || seed !== undefined) return;
  throw new HawserError(
    "not-authorised",
    `nothing says who ${address.href} must be: write "#" and its peer id behind the address, or give expect, trust or a seed`,
  );
}

function decide(
  peer: Peer,
  expected: ReadonlySet<string>,
  options: ConnectOptions,
): boolean | Promise<boolean> {
  if (expected.has(peer.id)) return true;
  // Whoever has the seed is one of those who were meant, where nobody is named.
  return options.trust?.(peer) ?? (options.seed !== undefined && expected.size === 0);
}

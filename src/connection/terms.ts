/**
 * Which handshakes a side wants, from what the user said.
 *
 * @module
 */

import { EARLY_BYTES_MAX } from "../handshake_limits.ts";
import type { HandshakeName, HandshakeTerms } from "../session/mod.ts";
import { parsePeerId } from "../session/mod.ts";
import type { ConnectOptions, ListenOptions } from "./options.ts";

const SEED_BYTES = 32;
const PATTERNS: readonly HandshakeName[] = ["XX", "IK", "NN"];

/**
 * What an initiator wants of a peer whose id is one of `expected`.
 * @throws {TypeError} if the options contradict each other.
 * @throws {RangeError} for a seed that is not 32 bytes.
 */
export function initiatorTerms(options: ConnectOptions, expected: ReadonlySet<string>): HandshakeTerms {
  const { handshake = "XX", seed, postQuantum: kem } = options;
  checkPatterns([handshake]);
  if (handshake === "NN") {
    requireSeed(seed);
    if (expected.size > 0) {
      throw new TypeError('the handshake "NN" proves no peer id: take it off the address, or use "XX"');
    }
  }
  const [id] = expected;
  if (handshake === "IK" && expected.size !== 1) {
    throw new TypeError(
      `the handshake "IK" needs one peer id, behind the # of the address, not ${expected.size}`,
    );
  }
  const responderKey = handshake === "IK" ? parsePeerId(id) : undefined;
  return { patterns: [handshake], seed: checkedSeed(seed), kem, responderKey };
}

/**
 * What a listener takes.
 * @throws {TypeError} if the options contradict each other.
 * @throws {RangeError} for a seed that is not 32 bytes.
 */
export function responderTerms(options: ListenOptions): HandshakeTerms {
  const { handshakes = ["XX", "IK"], seed, postQuantum: kem } = options;
  if (handshakes.length === 0) throw new TypeError("handshakes is empty: nobody could connect");
  checkPatterns(handshakes);
  if (handshakes.includes("NN")) requireSeed(seed);
  return { patterns: [...handshakes], seed: checkedSeed(seed), kem };
}

/**
 * What `connect` may send with the first packet.
 * @throws {TypeError} for what is no bytes, or a handshake that has no room for it; {RangeError} for too much.
 */
export function checkEarlyData(bytes: Uint8Array | undefined, handshake: string | undefined): void {
  if (bytes === undefined) return;
  if (!(bytes instanceof Uint8Array)) throw new TypeError("earlyData is a Uint8Array");
  if (handshake !== "IK") {
    throw new TypeError('earlyData needs handshake: "IK", whose first message is sealed');
  }
  if (bytes.length > EARLY_BYTES_MAX) {
    throw new RangeError(`earlyData has at most ${EARLY_BYTES_MAX} bytes, not ${bytes.length}`);
  }
}

function checkPatterns(names: readonly string[]): void {
  for (const name of names) {
    if (!(PATTERNS as readonly string[]).includes(name)) {
      throw new TypeError(`there is no handshake ${JSON.stringify(name)}, but ${PATTERNS.join(", ")}`);
    }
  }
}

function requireSeed(seed: Uint8Array | undefined): void {
  if (seed === undefined) throw new TypeError('the handshake "NN" proves nothing without a shared seed');
}

function checkedSeed(seed: Uint8Array | undefined): Uint8Array | undefined {
  if (seed === undefined) return undefined;
  if (!(seed instanceof Uint8Array)) throw new TypeError("a seed is a Uint8Array of 32 random bytes");
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has 32 bytes, not ${seed.length}`);
  return new Uint8Array(seed);
}

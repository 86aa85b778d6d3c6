/**
 * Checks of arguments that both codecs share: a mistake of the caller is a
 * `TypeError` or a `RangeError`, and is found before anything changes.
 *
 * @module
 */

import { BODY_BYTES_MAX, PACKET_BYTES_MAX, PACKET_OVERHEAD_MAX, REASSEMBLY_RUNS_MAX } from "../limits.ts";
import type { LaneOptions, ReassemblyLimits, SealOptions } from "./codec.ts";

/** Every key has 32 bytes. */
export const KEY_BYTES = 32;

/** Every tag has 16. */
export const TAG_BYTES = 16;

/** @throws {TypeError} unless `value` is bytes; {RangeError} unless there are `length` of them. */
export function checkBytes(name: string, value: Uint8Array, length?: number): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (length !== undefined && value.length !== length) {
    throw new RangeError(`${name} must have ${length} bytes, not ${value.length}`);
  }
}

/** @throws {RangeError} unless `value` is a whole number from 0 to `max`. */
export function checkWhole(name: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(`${name} must be a whole number from 0 to ${max}, not ${value}`);
}

/** The first `length` bytes of `output`, or a new array. */
export function outputOf(length: number, output: Uint8Array | undefined): Uint8Array {
  if (output === undefined) return new Uint8Array(length);
  checkBytes("output", output);
  if (output.length >= length) return output.subarray(0, length);
  throw new RangeError(`output has ${output.length} bytes, but ${length} are needed`);
}

/** @throws {RangeError} for a lane that cannot be. */
export function checkLane(options: LaneOptions): void {
  checkBytes("key", options.key, KEY_BYTES);
  checkWhole("lane", options.lane, Number.MAX_SAFE_INTEGER);
  checkWhole("epoch", options.epoch ?? 0, 0xffffffff);
  checkWhole("sequence", options.sequence ?? 0, 0xffffffff);
}

/** @throws {RangeError | TypeError} unless `length` bytes can be sealed into `target` at `at`. */
export function checkSeal(
  length: number,
  options: SealOptions,
  target: Uint8Array,
  at: number,
  datagram: boolean,
): void {
  checkWhole("length", length, BODY_BYTES_MAX);
  if (datagram && options.sessionId === undefined) {
    throw new TypeError("a datagram lane needs a sessionId for every packet");
  }
  if (options.packed !== undefined && options.packed !== 2 && options.packed !== 3) {
    throw new RangeError(`packed must be 2 (zstd) or 3 (gzip), not ${options.packed}`);
  }
  const needed = length + (datagram ? PACKET_OVERHEAD_MAX : PACKET_OVERHEAD_MAX - 16);
  if (!(at >= 0 && at + needed <= target.length)) {
    throw new RangeError(`target has ${target.length} bytes, but ${needed} may be needed from ${at} on`);
  }
}

/** @throws {RangeError} for bounds of a reader that cannot be. */
export function checkReader(packetBytesMax: number): void {
  checkWhole("packetBytesMax", packetBytesMax, PACKET_BYTES_MAX);
}

/** @throws {RangeError} for bounds of a reassembler that contradict each other. */
export function checkReassembly(limits: ReassemblyLimits): void {
  checkWhole("bytesMax", limits.bytesMax, 2 ** 31);
  checkWhole("messageBytesMax", limits.messageBytesMax, limits.bytesMax);
  checkWhole("messagesMax", limits.messagesMax, 2 ** 16);
  checkWhole("runsMax", limits.runsMax, REASSEMBLY_RUNS_MAX);
  if (limits.messagesMax === 0 || limits.runsMax === 0) {
    throw new RangeError("messagesMax and runsMax must be at least 1");
  }
  if (!(limits.ageMsMax >= 0)) throw new RangeError(`ageMsMax must be 0 or more, not ${limits.ageMsMax}`);
}

/** @throws {RangeError} unless a message of `total` bytes can be cut into fragments of at most `room`. */
export function checkFragment(total: number, room: number): void {
  checkWhole("total", total, 0xffffffff);
  checkWhole("room", room, 0xffffffff);
  if (room === 0) throw new RangeError("room must be at least 1");
}

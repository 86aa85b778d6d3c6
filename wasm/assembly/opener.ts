// The receiving half of a lane.
//
// Slot:   0  4  1 on datagram lanes
//         4  4  replays: packets refused because they were seen or too old
//         8  8  lane id
//        64     three generations of 320 bytes: current, previous, next
//       384     on ordered lanes, which have no other generations: key stream made ahead (lookahead.ts)
//
// Generation:   0  4  1 if there is one
//               4  4  epoch
//               8 32  subkey
//              40  8  ordered lanes: the next counter. Datagram lanes: the highest seen,
//              48     and the ring of the replay window (replay.ts)

import { aeadOpen, wipeRegisters } from "./aead";
import { chachaInit } from "./chacha20";
import {
  FLAG_COMPRESSION,
  FLAG_LZ4,
  FLAG_SEALED,
  FLAG_SEQUENCED,
  HEADER_BYTES,
  SEQUENCED_BYTES,
  TAG_BYTES,
} from "./header";
import { COUNTER_END, EPOCH_LAST, laneEpochsExhausted, laneSubkey } from "./lane";
import {
  LOOKAHEAD_BYTES,
  lookaheadCoversText,
  lookaheadFind,
  lookaheadHelps,
  lookaheadMake,
  SHORT_BYTES,
} from "./lookahead";
import { lz4Decompress } from "./lz4";
import { AHEAD, BODY_BYTES_MAX, OPENED, WORK } from "./memory";
import { replayAccept, replayFresh } from "./replay";
import {
  STATUS_COMPRESSION,
  STATUS_EPOCH,
  STATUS_EXHAUSTED,
  STATUS_FORGED,
  STATUS_LANE_FLAGS,
  STATUS_REPLAYED,
  STATUS_TOO_LARGE,
  STATUS_TOO_SHORT,
} from "./status";

const GENERATION_BYTES: usize = 320;
const CURRENT: usize = 64;
const PREVIOUS: usize = CURRENT + GENERATION_BYTES;
const NEXT: usize = PREVIOUS + GENERATION_BYTES;
const LOOKAHEAD: usize = PREVIOUS;

const EPOCH: usize = 4;
const SUBKEY: usize = 8;
const WINDOW: usize = 40;

function generationCreate(slot: usize, generation: usize, epoch: u32, counter: u32): void {
  memory.fill(generation, 0, GENERATION_BYTES);
  store<u32>(generation, 1);
  store<u32>(generation, epoch, EPOCH);
  store<u64>(generation, counter, WINDOW);
  laneSubkey(load<u64>(slot, 8), epoch, generation + SUBKEY);
}

/** Makes an opener in an empty slot, with the key at KEY. */
export function openerCreate(
  slot: usize,
  laneLow: u32,
  laneHigh: u32,
  epoch: u32,
  counter: u32,
  datagram: bool,
): void {
  store<u32>(slot, datagram);
  store<u32>(slot, laneLow, 8);
  store<u32>(slot, laneHigh, 12);
  generationCreate(slot, slot + CURRENT, epoch, counter);
}

/** Ordered lanes: the next counter. Datagram lanes: the highest seen. */
export function openerCounter(slot: usize): f64 {
  return <f64> load<u64>(slot, CURRENT + WINDOW);
}

/** The current epoch. */
export function openerEpoch(slot: usize): u32 {
  return load<u32>(slot, CURRENT + EPOCH);
}

/** Packets refused because they were seen or too old. */
export function openerReplays(slot: usize): u32 {
  return load<u32>(slot, 4);
}

/** The generation after the current one takes its place; the current one is kept for late packets. */
function promote(slot: usize): void {
  memory.copy(slot + PREVIOUS, slot + CURRENT, GENERATION_BYTES);
  memory.copy(slot + CURRENT, slot + NEXT, GENERATION_BYTES);
  memory.fill(slot + NEXT, 0, GENERATION_BYTES);
}

/**
 * Takes the key of the next epoch from KEY. Ordered lanes switch at once.
 * Datagram lanes wait for the first authentic packet of that epoch, or for one more rekey.
 */
export function openerRekey(slot: usize): i32 {
  return load<u32>(slot) != 0 ? rekeyDatagram(slot) : rekeyOrdered(slot);
}

function rekeyOrdered(slot: usize): i32 {
  const epoch = load<u32>(slot, CURRENT + EPOCH);
  if (epoch == EPOCH_LAST) return laneEpochsExhausted();
  generationCreate(slot, slot + CURRENT, epoch + 1, 0);
  memory.fill(slot + LOOKAHEAD, 0, LOOKAHEAD_BYTES);
  return 0;
}

function rekeyDatagram(slot: usize): i32 {
  const pending = load<u32>(slot, NEXT) != 0;
  const epoch = load<u32>(slot + (pending ? NEXT : CURRENT), EPOCH);
  if (epoch == EPOCH_LAST) return laneEpochsExhausted();
  if (pending) promote(slot);
  generationCreate(slot, slot + NEXT, epoch + 1, 0);
  return 0;
}

/** Wipes the generation that was kept for late packets. */
export function openerForget(slot: usize): void {
  memory.fill(slot + PREVIOUS, 0, GENERATION_BYTES);
  wipeRegisters();
}

/** The generation of an epoch, or 0. */
function generationOf(slot: usize, epoch: u32): usize {
  for (let at = slot + CURRENT; at <= slot + NEXT; at += GENERATION_BYTES) {
    if (load<u32>(at) != 0 && load<u32>(at, EPOCH) == epoch) return at;
  }
  return 0;
}

/**
 * Opens `length` bytes behind the prefix; a compressed body goes through the work arena.
 * `begin` of aead.ts explains `ahead`.
 */
function openBody(packet: usize, prefix: u32, length: u32, ahead: usize, aheadText: bool): i32 {
  const compressed = (<u32> load<u8>(packet, 5) & FLAG_COMPRESSION) == FLAG_LZ4;
  const target = compressed ? WORK : OPENED;
  const opened = aeadOpen(ahead, aheadText, packet, prefix, packet + prefix, target, length);
  return opened ? <i32> length : STATUS_FORGED;
}

/** After authentication: the text of a compressed body, bounded by the arena. */
function expand(packet: usize, length: i32): i32 {
  if ((<u32> load<u8>(packet, 5) & FLAG_COMPRESSION) != FLAG_LZ4) return length;
  const expanded = lz4Decompress(WORK, length, OPENED, BODY_BYTES_MAX);
  return expanded < 0 ? STATUS_COMPRESSION : expanded;
}

/**
 * Opens a packet of `length` bytes, whose header `deframe` has accepted, into the opened arena. Returns
 * the bytes of its text, or the status of why not. Only an authentic packet changes the slot.
 */
export function open(slot: usize, packet: usize, length: u32): i32 {
  const datagram = load<u32>(slot) != 0;
  const expected: u32 = datagram ? FLAG_SEALED | FLAG_SEQUENCED : FLAG_SEALED;
  if ((<u32> load<u8>(packet, 5) & ~FLAG_COMPRESSION) != expected) return STATUS_LANE_FLAGS;
  const prefix = datagram ? HEADER_BYTES + SEQUENCED_BYTES : HEADER_BYTES;
  if (length < prefix + TAG_BYTES) return STATUS_TOO_SHORT;
  const textLength = length - prefix - TAG_BYTES;
  if (textLength > BODY_BYTES_MAX) return STATUS_TOO_LARGE;
  return datagram ? openDatagram(slot, packet, prefix, textLength) : openOrdered(slot, packet, prefix, textLength);
}

function openOrdered(slot: usize, packet: usize, prefix: u32, length: u32): i32 {
  const generation = slot + CURRENT;
  const counter = load<u64>(generation, WINDOW);
  if (counter >= COUNTER_END) return STATUS_EXHAUSTED;
  chachaInit(generation + SUBKEY, 0, <u32> counter, load<u32>(generation, EPOCH));
  let area = slot + LOOKAHEAD;
  let ahead: usize = 0;
  if (lookaheadHelps(length)) {
    ahead = lookaheadFind(area, counter);
    if (ahead == 0) {
      area = AHEAD; // Until the packet has proved authentic.
      ahead = lookaheadMake(area, counter, length <= SHORT_BYTES);
    }
  }
  const status = openBody(packet, prefix, length, ahead, lookaheadCoversText(area));
  if (status < 0) return status;
  if (area == AHEAD) memory.copy(slot + LOOKAHEAD, AHEAD, LOOKAHEAD_BYTES);
  store<u64>(generation, counter + 1, WINDOW);
  return expand(packet, status);
}

function openDatagram(slot: usize, packet: usize, prefix: u32, length: u32): i32 {
  const epoch = bswap<u32>(load<u32>(packet, 18));
  const counter = bswap<u32>(load<u32>(packet, 22));
  let generation = generationOf(slot, epoch);
  if (generation == 0) return STATUS_EPOCH;
  if (!replayFresh(generation + WINDOW, counter)) {
    store<u32>(slot, load<u32>(slot, 4) + 1, 4);
    return STATUS_REPLAYED;
  }
  chachaInit(generation + SUBKEY, 0, counter, epoch);
  const status = openBody(packet, prefix, length, 0, false);
  if (status < 0) return status;
  if (generation == slot + NEXT) {
    promote(slot);
    generation = slot + CURRENT;
  }
  replayAccept(generation + WINDOW, counter);
  return expand(packet, status);
}

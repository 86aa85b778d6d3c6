// The replay window against a set of everything that was ever accepted.
//
// `HAWSER_REPLAY_PACKETS` sets how many packets are tried on the core; 10^7 takes minutes.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { REPLAY_WINDOW_PACKETS } from "../../src/limits.ts";
import { Random } from "../simulation/random.ts";
import { freshCodecs, KEY, openPacket, sealPacket } from "./codecs.ts";

const SEED = 2_048;
const PACKETS = Number(process.env.HAWSER_REPLAY_PACKETS ?? 100_000);
const READER = { datagram: true, packetBytesMax: 1_000 };
const NOTHING = new Uint8Array(0);

for (const { name, codec } of freshCodecs()) {
  // The reference is a hundred times slower, and as simple as the oracle.
  const packets = codec.kind === "wasm" ? PACKETS : Math.min(PACKETS, 12_000);

  test(`${name}: ${packets} datagrams in random order, each at most once (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const opener = codec.createOpener({ key: KEY, lane: 1, datagram: true });
    const reader = codec.createReader(READER);
    const accepted = new Set<number>();
    let highest = 0;
    let refused = 0;
    for (let i = 0; i < packets; i++) {
      const counter = pickCounter(random, highest);
      const sealer = codec.createSealer({ key: KEY, lane: 1, datagram: true, sequence: counter });
      const packet = sealPacket(codec, sealer, NOTHING);
      sealer.dispose();
      const expected = counter >= highest - REPLAY_WINDOW_PACKETS && !accepted.has(counter);
      assertEquals(
        opens(() => openPacket(codec, reader, opener, packet)),
        expected,
        `packet ${i}, ${counter}`,
      );
      if (expected) {
        accepted.add(counter);
        highest = Math.max(highest, counter);
      } else refused++;
      assert(opener.sequence === highest);
    }
    assertEquals(opener.replays, refused);
    assert(refused > packets / 20 && accepted.size > packets / 20);
  });

  test(`${name}: the window takes what is 2,112 behind, not 2,113`, () => {
    assertEquals(REPLAY_WINDOW_PACKETS, 2_112);
    for (const highest of [5_000, 5_119, 5_120, 5_121, 2 ** 32 - 1]) {
      const opener = codec.createOpener({ key: KEY, lane: 1, datagram: true });
      const reader = codec.createReader(READER);
      const open = (counter: number) => {
        const sealer = codec.createSealer({ key: KEY, lane: 1, datagram: true, sequence: counter });
        return opens(() => openPacket(codec, reader, opener, sealPacket(codec, sealer, NOTHING)));
      };
      assertEquals(open(highest), true);
      assertEquals(open(highest - REPLAY_WINDOW_PACKETS - 1), false);
      assertEquals(open(highest - REPLAY_WINDOW_PACKETS), true);
      assertEquals(open(highest - REPLAY_WINDOW_PACKETS), false);
      assertEquals(open(highest), false);
      assertEquals(opener.replays, 3);
    }
  });

  test(`${name}: a forged number far ahead does not move the window`, () => {
    const opener = codec.createOpener({ key: KEY, lane: 1, datagram: true });
    const reader = codec.createReader(READER);
    const sealer = codec.createSealer({ key: KEY, lane: 1, datagram: true });
    const ahead = codec.createSealer({ key: KEY, lane: 1, datagram: true, sequence: 1_000_000 });
    const forged = sealPacket(codec, ahead, NOTHING);
    forged[forged.length - 1] ^= 1;
    assertThrows(() => openPacket(codec, reader, opener, forged), HawserError, "changed");
    assertEquals(opener.sequence, 0);
    assertEquals(openPacket(codec, reader, opener, sealPacket(codec, sealer, NOTHING)), NOTHING);
  });
}

/** Near the newest, far behind, at the border of the window, or a jump ahead. */
function pickCounter(random: Random, highest: number): number {
  const kind = random.between(0, 9);
  if (kind < 5) return Math.max(0, highest + random.between(-40, 3));
  if (kind < 7) return Math.max(0, highest - random.between(0, 2 * REPLAY_WINDOW_PACKETS));
  if (kind < 9) return Math.max(0, highest - REPLAY_WINDOW_PACKETS + random.between(-70, 70));
  return highest + random.between(1, 5_000);
}

function opens(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof HawserError && error.code === "open-failed") return false;
    throw error;
  }
}

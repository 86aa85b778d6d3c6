// What two sides agree to compress with, what is compressed, and what a hostile peer gets: THREATS rows 5, 21 and 23.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { nativeCompressor } from "../../src/codec/body_compressor.ts";
import type { Codec, SealOptions } from "../../src/codec/codec.ts";
import { looksCompressible } from "../../src/codec/entropy_reference.ts";
import { createCodec } from "../../src/codec/pick.ts";
import { BODY_BYTES_MAX, SESSION_LIMITS } from "../../src/limits.ts";
import { type Compression, compressionName } from "../../src/session/config.ts";
import { Session } from "../../src/session/mod.ts";
import { COMPRESS, packedBody } from "../codec/packed_bodies.ts";
import { FAIR, type Side, type Weather, World, type WorldOptions } from "../simulation/world.ts";

const ZSTD = nativeCompressor("zstd")!;
const GZIP = nativeCompressor("gzip")!;
const BITS = { none: 0, lz4: 1, zstd: 2, gzip: 3 };
const WORDS = new TextEncoder().encode("bend, hitch, splice and whip the rope; ".repeat(500));

interface Options extends Omit<WorldOptions, "compression"> {
  readonly kind?: Weather["kind"];
}

/** Two sides that have these algorithms, and what an attacker sees of what the initiator sends. */
class Wires {
  readonly bits: number[] = [];
  /** How long its last packet was. */
  bytes = 0;
  readonly world: World;

  constructor(ours: readonly Compression[], theirs: readonly Compression[], options: Options = {}) {
    const { kind = "stream" } = options;
    const intercept = (to: Side, packet: Uint8Array) => {
      if (to.name === "responder") {
        this.bits.push(packet[5] & 3);
        this.bytes = packet.length;
      }
      return [packet];
    };
    const mtu = kind === "datagram" ? 1_472 : undefined;
    this.world = new World(1, { ...FAIR, kind, mtu, intercept }, { ...options, compression: [ours, theirs] });
    this.world.open();
    this.bits.length = 0;
  }

  /** Sends a message, which arrives, and notes the bits of its packet. */
  send(message: Uint8Array, compress?: boolean): void {
    const count = this.bits.length;
    this.world.initiator.session.send(message.slice(), { compress });
    this.world.run(() => this.world.responder.received.length > 0, 100);
    assertEquals(this.world.responder.received.pop(), message);
    this.bits.length = count + 1;
  }
}

test("each direction uses the first algorithm of its sender that both have named", () => {
  const unpackOnly: Compression = { ...ZSTD, pack: undefined };
  const cases: [Compression[], Compression[], keyof typeof BITS, keyof typeof BITS, string[]][] = [
    [["lz4"], ["lz4"], "lz4", "lz4", ["lz4"]],
    [[ZSTD, "lz4"], ["lz4"], "lz4", "lz4", ["lz4"]],
    [[ZSTD, "lz4", GZIP], ["lz4", GZIP, ZSTD], "zstd", "lz4", ["lz4", "gzip", "zstd"]],
    [[GZIP, ZSTD], [ZSTD, GZIP], "gzip", "zstd", ["zstd", "gzip"]],
    [[GZIP], [ZSTD], "none", "none", []],
    [["lz4", ZSTD, GZIP], [], "none", "none", []],
    [[unpackOnly, "lz4"], [ZSTD, "lz4"], "lz4", "zstd", ["zstd", "lz4"]],
  ];
  for (const [ours, theirs, out, back, both] of cases) {
    const wires = new Wires(ours, theirs);
    const { initiator, responder, now } = wires.world;
    const title = `${ours.map(compressionName)} and ${theirs.map(compressionName)}`;
    wires.send(WORDS);
    assertEquals(wires.bits, [BITS[out]], title);
    const used = [initiator, responder].map(({ session }) => session.stats(now).compression ?? "none");
    assertEquals(used, [out, back], title);
    assertEquals(initiator.session.peer?.capabilities, both, title);
    assertEquals(responder.session.peer?.capabilities.toSorted(), both.toSorted(), title);
  }
});

for (const compression of ["lz4", ZSTD, GZIP] as const) {
  const name = compressionName(compression);
  const both = [[compression], [compression]] as const;

  test(`${name}: bodies are compressed from the threshold on, and not a byte below`, () => {
    // A message in a frame: type, two bytes of length, and itself.
    const messageOf = (body: number) => WORDS.subarray(0, body - 3);
    for (const compressionBytesMin of [SESSION_LIMITS.compressionBytesMin, 1_000, 10_000]) {
      const wires = new Wires(...both, { limits: { compressionBytesMin } });
      for (const more of [-1, 0, 1]) wires.send(messageOf(compressionBytesMin + more));
      assertEquals(wires.bits, [0, BITS[name], BITS[name]], `from ${compressionBytesMin} bytes on`);
    }
  });

  test(`${name}: what the probe turns away, what would not shrink, and what asks for it goes as it is`, () => {
    const wires = new Wires(...both);
    wires.send(wires.world.random.bytes(5_000));
    wires.send(nearlyRandom(wires.world));
    wires.send(WORDS, false);
    wires.send(WORDS, true);
    assertEquals(wires.bits, [0, 0, 0, BITS[name]]);
  });

  test(`${name}: a packet of a peer that has not agreed to it ends the session`, () => {
    const { world } = new Wires([compression], [], { responderCodec: marking(BITS[name]) });
    world.responder.session.send(new Uint8Array(5_000));
    world.run(() => false, 1_000);
    const { code, message } = world.initiator.info!.error!;
    assertEquals(code, "compression");
    assert(message.includes("not agreed on"), message);
    assertEquals(world.initiator.received, []);
  });

  test(`${name}: over datagrams nothing is compressed`, () => {
    const wires = new Wires(...both, { kind: "datagram" });
    wires.send(WORDS.subarray(0, 1_000));
    assertEquals(wires.bits, [0]);
    assertEquals(wires.world.initiator.session.stats(0).compression, undefined);
  });
}

for (const algorithm of [ZSTD, GZIP]) {
  test(`${algorithm.name}: a body at the limit is read, and one byte more ends the session`, () => {
    for (
      const [textBytes, code] of [[BODY_BYTES_MAX, undefined], [BODY_BYTES_MAX + 1, "compression"]] as const
    ) {
      // Zeros are padding: a body of nothing else is in order.
      const body = packedBody(textBytes, COMPRESS[algorithm.name](new Uint8Array(textBytes)));
      const responderCodec = marking(BITS[algorithm.name], body);
      const { world } = new Wires([algorithm], [algorithm], { responderCodec });
      world.responder.session.send(new Uint8Array(5_000), { compress: false });
      world.run(() => false, 1_000);
      assertEquals(world.initiator.info?.error?.code, code, `${textBytes} bytes`);
    }
  });
}

test("the length of a packet tells an attacker what his words have in common with a secret, unless it may not (CRIME)", () => {
  const wires = new Wires(["lz4"], ["lz4"]);
  const secret = new TextEncoder().encode("cookie=7f3a9c0e4b5d");
  const bytesWith = (guess: string, compress: boolean) => {
    const message = new Uint8Array(1_200).fill(0x2e);
    message.set(secret, 1_000);
    message.set(new TextEncoder().encode(guess), 100);
    wires.send(message, compress);
    return wires.bytes;
  };
  const [wrong, right] = ["cookie=e2d81b6f05c4", "cookie=7f3a9c0e4b5d"];
  assert(bytesWith(right, true) < bytesWith(wrong, true), "the attack works: the test would see it");
  assertEquals(bytesWith(right, false), bytesWith(wrong, false));
});

test("what was agreed on stays so through a sleep", () => {
  const wires = new Wires([ZSTD, "lz4"], ["lz4", ZSTD]);
  const { world } = wires;
  wires.send(WORDS);
  for (const side of [world.initiator, world.responder]) {
    side.session = new Session(side.config, world.now, side.session.freeze()!);
  }
  wires.send(WORDS);
  assertEquals(wires.bits, [BITS.zstd, BITS.zstd]);
  assertEquals(world.responder.session.stats(world.now).compression, "lz4");
});

/** Bytes that the probe lets pass although nothing can be won: one in seventeen is the same. */
function nearlyRandom(world: World): Uint8Array {
  const bytes = world.random.bytes(600).map((byte, at) => at % 17 === 0 ? 0x41 : byte);
  assert(looksCompressible(bytes));
  return bytes;
}

/** A codec of a peer without manners: marks its long packets as compressed, and puts `body` in their place. */
function marking(packed: number, body?: Uint8Array): Codec {
  const codec = createCodec({ kind: "wasm" });
  const createSealer = codec.createSealer.bind(codec);
  codec.createSealer = (options) => {
    const sealer = createSealer(options);
    const seal = sealer.seal.bind(sealer);
    sealer.seal = (length: number, how: SealOptions, target: Uint8Array, at: number) => {
      if (length < 1_000) return seal(length, how, target, at);
      if (body !== undefined) codec.plaintext.set(body);
      const marked = packed === BITS.lz4 ? { ...how, compress: true } : { ...how, packed };
      return seal(body?.length ?? length, marked, target, at);
    };
    return sealer;
  };
  return codec;
}

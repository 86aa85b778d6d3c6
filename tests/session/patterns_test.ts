// Every handshake over every kind of link: that it opens, what it proves, and how it fails.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { DOUBT_MS, REFUSAL_NUMBERS_MAX } from "../../src/handshake_limits.ts";
import { AMPLIFICATION_MAX, INIT_BYTES_MIN } from "../../src/limits.ts";
import { createKeyPair } from "../../src/noise/dh.ts";
import { postQuantum as kem } from "../../src/noise/ml_kem_768.ts";
import { parseProtocolName } from "../../src/noise/protocol_name.ts";
import { type HandshakeTerms, numbersOf, patternByNumber, patternOf } from "../../src/session/patterns.ts";
import { errorOfRefusal } from "../../src/session/refusal.ts";
import { FLAG_HANDSHAKE } from "../../src/wire/header.ts";
import { FAIR, type Side, type Weather, World } from "../simulation/world.ts";

const KINDS = ["stream", "datagram"] as const;
const seed = new Uint8Array(32).fill(5);
const otherSeed = new Uint8Array(32).fill(6);

const TERMS: Readonly<Record<string, HandshakeTerms>> = {
  XX: { patterns: ["XX"] },
  IK: { patterns: ["IK"] },
  XXpsk3: { patterns: ["XX"], seed },
  IKpsk1: { patterns: ["IK"], seed },
  NNpsk0: { patterns: ["NN"], seed },
  "XXhfs": { patterns: ["XX"], kem },
  "IKhfs": { patterns: ["IK"], kem },
  "XXhfs+psk3": { patterns: ["XX"], seed, kem },
  "IKhfs+psk1": { patterns: ["IK"], seed, kem },
  "NNhfs+psk0": { patterns: ["NN"], seed, kem },
};

test("hfs: where the public key and the answer stand, and what the protocol is called", () => {
  const rows = (name: string) => patternOf(TERMS[name]).protocol.pattern.messages.map((row) => row.join(" "));
  assertEquals(rows("XXhfs"), ["e e1", "e ee ekem1 s es", "s se"]);
  assertEquals(rows("IKhfs+psk1"), ["e es e1 s ss psk", "e ee ekem1 se"]);
  assertEquals(rows("NNhfs+psk0"), ["psk e e1", "e ee ekem1"]);
  const { name } = patternOf(TERMS["XXhfs+psk3"]).protocol;
  assertEquals(name, "Noise_XXhfs+psk3_25519+MLKEM768_ChaChaPoly_SHA256");
});

test("hfs: the secrets of a handshake change with either of the two agreements alone", () => {
  // The same X25519 keys and seeds: only what ML-KEM agrees on differs.
  const keysWith = (secret: number) => {
    const other: typeof kem = { ...kem, decapsulate: () => new Uint8Array(32).fill(secret) };
    const encapsulate = (key: Uint8Array, random: Uint8Array) => ({
      ...kem.encapsulate(key, random),
      sharedSecret: new Uint8Array(32).fill(secret),
    });
    const terms: HandshakeTerms = { patterns: ["XX"], kem: { ...other, encapsulate } };
    const world = new World(1, weather("stream"), { terms: [terms, terms] }).open();
    assertEquals(world.responder.session.state, "open");
    return [...world.nonces].map((nonce) => nonce.split("/")[0])[0];
  };
  assertEquals(keysWith(1), keysWith(1));
  assert(keysWith(1) !== keysWith(2));
});

test("hfs: a packet that is too small for it is told so at once", () => {
  const world = () =>
    new World(1, weather("datagram", { mtu: 1_152 }), { terms: [TERMS.XXhfs, TERMS.XXhfs] });
  assert(assertThrows(world, HawserError, "leave out postQuantum").code === "packet-too-large");
});

function byNumber(one: string, other: string): number {
  return patternOf(TERMS[one]).number - patternOf(TERMS[other]).number;
}

function weather(kind: Weather["kind"], more: Partial<Weather> = {}): Weather {
  return { ...FAIR, kind, mtu: kind === "datagram" ? 1_472 : undefined, ...more };
}

function worldOf(
  kind: Weather["kind"],
  initiator: HandshakeTerms,
  responder: HandshakeTerms,
  more?: Partial<Weather>,
): World {
  return new World(1, weather(kind, more), { terms: [initiator, responder] });
}

function errors(world: World): (string | undefined)[] {
  return [world.initiator, world.responder].map(({ info }) => info?.error?.code);
}

test("each handshake is the pattern of Noise that its name says", () => {
  for (const [name, terms] of Object.entries(TERMS)) {
    const { protocol, isShort } = patternOf(terms);
    assertEquals(isShort, !name.startsWith("XX"));
    if (terms.kem !== undefined) continue;
    const parsed = parseProtocolName(`Noise_${name}_25519_ChaChaPoly_SHA256`);
    assertEquals(protocol.name, parsed.name);
    assertEquals(protocol.pattern, parsed.pattern);
    assertEquals(protocol.pskCount, parsed.pskCount);
  }
  const numbers = Array.from({ length: 16 }, (_, number) => patternByNumber(number)?.name);
  assertEquals(numbers.filter((name) => name !== undefined), Object.keys(TERMS).sort(byNumber));
  assertEquals(numbersOf({ patterns: ["XX", "IK", "NN"] }), [0, 1]); // NN without a seed proves nothing.
});

for (const kind of KINDS) {
  for (const [name, terms] of Object.entries(TERMS)) {
    test(`${name} opens, proves who is there, and carries messages both ways (${kind})`, () => {
      const world = worldOf(kind, terms, { ...terms, patterns: ["XX", "IK", "NN"] }).open();
      const { initiator, responder } = world;
      assertEquals([initiator.session.state, responder.session.state], ["open", "open"]);
      for (const { session } of [initiator, responder]) assertEquals(session.peer!.handshake, name);
      assertEquals(responder.session.peer!.metadata.name, "initiator");
      assertEquals(initiator.session.peer!.metadata.name, "responder");
      const hasKeys = !name.startsWith("NN");
      assertEquals(
        [initiator.session.peer!.id.length, responder.session.peer!.id.length],
        hasKeys ? [43, 43] : [0, 0],
      );
      initiator.session.send(Uint8Array.of(1));
      responder.session.send(Uint8Array.of(2));
      world.run(() => initiator.received.length + responder.received.length === 2, 5_000);
      assertEquals([responder.received, initiator.received], [[Uint8Array.of(1)], [Uint8Array.of(2)]]);
      initiator.session.close(0, "", world.now);
      world.run(() => initiator.info !== undefined && responder.info !== undefined, 20_000);
      assertEquals(errors(world), [undefined, undefined]);
    });

    test(`${name}: how many round trips pass before the initiator may send (${kind})`, () => {
      const world = worldOf(kind, terms, terms);
      world.run(() => world.initiator.session.state === "open", 5_000);
      // Each packet takes a millisecond.
      assertEquals(world.now, name.startsWith("XX") ? 4 : 2);
    });

    test(`${name}: somebody who is not welcome hears it, and no byte of the application passes (${kind})`, () => {
      for (const role of ["initiator", "responder"] as const) {
        const world = worldOf(kind, terms, terms);
        world[role].welcomes = false;
        world.run(() => world.initiator.info !== undefined && world.responder.info !== undefined, 60_000);
        const other = role === "initiator" ? world.responder : world.initiator;
        assertEquals(errors(world), ["not-authorised", "not-authorised"]);
        assertEquals([world[role].info?.by, other.events.some(({ type }) => type === "open")], [
          "local",
          false,
        ]);
        assert(world.now < 5_000, `${world.now} ms`);
      }
    });
  }

  test(`whoever asks for a handshake that is not taken is told which are, on both sides (${kind})`, () => {
    for (const [asked, initiator] of Object.entries(TERMS)) {
      for (const [taken, responder] of Object.entries(TERMS)) {
        if (asked === taken) continue;
        const world = worldOf(kind, initiator, responder);
        world.run(() => world.initiator.info !== undefined && world.responder.info !== undefined, 60_000);
        assertEquals(errors(world), ["handshake-failed", "handshake-failed"], `${asked} and ${taken}`);
        for (const { info } of [world.initiator, world.responder]) {
          const { message } = info!.error!;
          assert(message.includes(` ${asked},`) && message.includes(taken), message);
          assertEquals(
            message.includes("postQuantum"),
            (initiator.kem ?? responder.kem) !== undefined && initiator.kem !== responder.kem,
          );
        }
        assert(world.now < 2_000, `${world.now} ms`);
      }
    }
  });

  test(`two different seeds, or the key of somebody else, fail on both sides within moments (${kind})`, () => {
    const otherKey = createKeyPair(new Uint8Array(32).fill(1)).publicKey;
    const wrong: [HandshakeTerms, HandshakeTerms][] = [
      ...Object.keys(TERMS).filter((name) => TERMS[name].seed !== undefined).map((name) =>
        [TERMS[name], { ...TERMS[name], seed: otherSeed }] as [HandshakeTerms, HandshakeTerms]
      ),
      [{ ...TERMS.IK, responderKey: otherKey }, TERMS.IK],
      [{ ...TERMS.IKpsk1, responderKey: otherKey }, TERMS.IKpsk1],
    ];
    for (const [initiator, responder] of wrong) {
      const world = worldOf(kind, initiator, responder);
      world.run(() => world.initiator.info !== undefined && world.responder.info !== undefined, 60_000);
      assertEquals(errors(world), ["handshake-failed", "handshake-failed"]);
      assert(world.now < 2_000, `${world.now} ms`);
      const { message } = world.initiator.info!.error!;
      assert(/seeds|peer id/.test(message), message);
      assertEquals([world.initiator.received, world.responder.received], [[], []]);
    }
  });

  test(`no bit of INIT or RESPONSE can be changed in any handshake (${kind})`, () => {
    for (const [name, terms] of Object.entries(TERMS)) {
      if (terms.kem !== undefined && name !== "IKhfs+psk1") continue; // One stands for those that cost most.
      for (let index = 0; index < 2; index++) everyBit(kind, name, terms, index);
    }
  });
}

function everyBit(kind: Weather["kind"], name: string, terms: HandshakeTerms, index: number): void {
  let length = Infinity;
  for (let bit = 0; bit < length * 8; bit += terms.kem !== undefined ? 709 : kind === "stream" ? 67 : 211) {
    let count = 0;
    const world = worldOf(kind, terms, { ...terms, patterns: ["XX", "IK", "NN"] }, {
      intercept: (_, packet) => {
        if ((packet[5] & FLAG_HANDSHAKE) === 0 || count++ !== index) return [packet];
        length = packet.length;
        packet[bit >>> 3] ^= 1 << (bit & 7);
        return [packet];
      },
    }).open();
    const states = [world.initiator.session.state, world.responder.session.state];
    // The id that the initiator gave to its INIT: changed, it is another handshake, for another session.
    if (kind === "datagram" && index === 0 && bit >= 88 && bit < 152) continue;
    const isOpen = kind === "datagram" ? states.every((state) => state === "open") : states.includes("open");
    assertEquals(isOpen, kind === "datagram", `${name}, packet ${index}, bit ${bit}: ${states}`);
  }
}

test("every handshake opens over a link that loses, doubles and delays", () => {
  for (const [name, terms] of Object.entries(TERMS)) {
    let opened = 0;
    if (terms.kem !== undefined) continue; // The same packets, only larger.
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed, weather("datagram", { loss: 0.2, duplication: 0.2, delayMsMax: 50 }), {
        terms: [terms, terms],
      }).open();
      if (world.initiator.session.state === "open" && world.responder.session.state === "open") opened++;
    }
    assert(opened >= 38, `${name}: ${opened} of 40`);
  }
});

test("a recorded INIT of a short handshake asks who it is, and opens nothing", () => {
  for (const name of Object.keys(TERMS).filter((name) => !name.startsWith("XX"))) {
    for (const kind of KINDS) {
      const recorded: Uint8Array[] = [];
      const original: World = worldOf(kind, TERMS[name], TERMS[name], {
        intercept: (to, packet) => {
          if (to === original.responder) recorded.push(packet);
          return [packet];
        },
      });
      original.open();
      original.initiator.session.send(Uint8Array.of(1));
      original.settle();

      const victim = worldOf(kind, TERMS[name], TERMS[name], { intercept: () => [] });
      victim.run(() => true);
      for (const packet of recorded) victim.inject(victim.responder, packet);
      victim.run(() => false, 30_000);
      assertEquals(victim.responder.events.map(({ type }) => type), ["peer", "closed"], `${name} ${kind}`);
      assertEquals(victim.responder.received, []);
    }
  }
});

test("a forged REFUSAL ends nothing over datagrams while honest packets get through", () => {
  for (const [name, terms] of Object.entries(TERMS)) {
    const world: World = worldOf("datagram", terms, terms, {
      intercept: (to, packet) => {
        if ((packet[5] & FLAG_HANDSHAKE) === 0) return [packet];
        const forged = packet.slice(0, 20);
        forged.set([0, 0, 0, 10, 5], 6);
        forged[19] = 1;
        world.inject(to, forged);
        return [packet];
      },
    });
    world.open();
    assertEquals([world.initiator.session.state, world.responder.session.state], ["open", "open"], name);
    world.run(() => false, 2 * DOUBT_MS);
    assertEquals(errors(world), [undefined, undefined], name);
  }
});

test("an address that is not proved gets at most three times what came from it, in every handshake", () => {
  for (const [name, terms] of Object.entries(TERMS)) {
    for (const isTaken of [true, false]) {
      let [came, went] = [0, 0];
      const world: World = worldOf(
        "datagram",
        terms,
        isTaken ? terms : { patterns: ["NN"], seed: otherSeed },
        {
          intercept: (to, packet: Uint8Array) => {
            if (to === world.responder) came += packet.length;
            else went += packet.length;
            if (to === world.responder && came === packet.length) assert(packet.length >= INIT_BYTES_MIN);
            return to === world.responder ? [packet] : []; // The initiator's address is forged.
          },
        },
      );
      world.run(() => world.responder.info !== undefined, 60_000);
      assert(went > 0 && went <= AMPLIFICATION_MAX * came, `${name}: ${went} for ${came} bytes`);
    }
  }
});

test("a REFUSAL is read to its bound, whatever its length", () => {
  const numbers = new Uint8Array(1 + REFUSAL_NUMBERS_MAX + 1).fill(1);
  numbers[0] = 2;
  const { message } = errorOfRefusal(numbers, patternByNumber(0)!, true);
  assertEquals(message.match(/IK/g)?.length, REFUSAL_NUMBERS_MAX);
  assertEquals(errorOfRefusal(new Uint8Array(0), patternByNumber(0)!, true).code, "handshake-failed");
});

test("an initiator of a short handshake repeats its first sealed word until it is heard", () => {
  let lost = 3;
  const sealed: number[] = [];
  const world: World = worldOf("datagram", TERMS.IK, TERMS.IK, {
    intercept: (to: Side, packet) => {
      if ((packet[5] & FLAG_HANDSHAKE) !== 0 || to === world.initiator) return [packet];
      sealed.push(world.now);
      return lost-- > 0 ? [] : [packet];
    },
  });
  world.open();
  assertEquals([world.responder.session.state, sealed.length], ["open", 4]);
  world.run(() => false, 2_000);
  assertEquals(sealed.length, 4); // And then no more.
});

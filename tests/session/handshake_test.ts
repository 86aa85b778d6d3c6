// The three messages, one side at a time: versions, cookies, and what a responder says without being asked.

import { test } from "node:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Codec, SealOptions } from "../../src/codec/codec.ts";
import { createCodec } from "../../src/codec/pick.ts";
import { HawserError } from "../../src/errors.ts";
import { AMPLIFICATION_MAX, INIT_BYTES_MIN, RETRIES_MAX } from "../../src/limits.ts";
import { createKeyPair } from "../../src/noise/dh.ts";
import { createHandshake } from "../../src/noise/mod.ts";
import { Handshake } from "../../src/session/handshake.ts";
import {
  COOKIE_BYTES,
  handshakeBody,
  HEADER_BYTES,
  KIND_RESPONSE,
  KIND_RETRY,
  parseHandshakeBody,
} from "../../src/wire/header.ts";
import { decodeHello, encodeHello, type Hello, type Version } from "../../src/wire/hello.ts";
import { FRAME_ACCEPT, FRAME_PADDING } from "../../src/wire/frames.ts";
import { Random } from "../simulation/random.ts";
import { FAIR, World } from "../simulation/world.ts";

const random = new Random(1);

function hello(versions: readonly Version[] = [{ major: 1, minor: 0 }]): Hello {
  return {
    versions,
    capabilities: [],
    windowBytes: 1_000_000,
    messageBytesMax: 1_000_000,
    sessionId: undefined,
    metadata: {},
  };
}

function side(initiator: boolean, datagram = false, versions?: readonly Version[]): Handshake {
  const options = { initiator, datagram, mtu: undefined, staticKey: createKeyPair(random.bytes(32)) };
  return new Handshake({
    ...options,
    aead: chacha20poly1305,
    terms: { patterns: ["XX"] },
    hello: hello(versions),
    random: (length) => random.bytes(length),
  }, 0);
}

for (const datagram of [false, true]) {
  test(`sides without a common major version part (${datagram ? "datagram" : "stream"})`, () => {
    for (const [ours, theirs] of [[1, 2], [2, 1]]) {
      const initiator = side(true, datagram, [{ major: ours, minor: 0 }]);
      const responder = side(false, datagram, [{ major: theirs, minor: 0 }]);
      const init = initiator.takePending()!;
      if (datagram) responder.handle(init, 0);
      else assertEquals(assertThrows(() => responder.handle(init, 0), HawserError).code, "version-mismatch");
      const response = responder.takePending()!;
      const error = assertThrows(() => initiator.handle(response, 0), HawserError);
      assertEquals([error.code, error.retryable], ["version-mismatch", false]);
    }
  });
}

test("the version in use is the highest common major, the lower minor", () => {
  const initiator = side(true, false, [{ major: 1, minor: 4 }, { major: 3, minor: 0 }]);
  const responder = side(false, false, [{ major: 1, minor: 2 }, { major: 2, minor: 9 }]);
  responder.handle(initiator.takePending()!, 0);
  initiator.handle(responder.takePending()!, 0);
  initiator.confirm(0);
  responder.handle(initiator.takePending()!, 0);
  assertEquals([initiator.version, responder.version], [{ major: 1, minor: 2 }, { major: 1, minor: 2 }]);
});

test("what is said is Noise XX with the prologue of this protocol, and with no other", () => {
  for (const [prologue, isOurs] of [["hawser/1", true], ["", false], ["hawser/2", false]] as const) {
    const initiator = side(true);
    const noise = createHandshake({
      protocolName: "Noise_XX_25519_ChaChaPoly_SHA256",
      initiator: false,
      prologue: new TextEncoder().encode(prologue),
      staticKey: random.bytes(32),
    });
    const init = parseHandshakeBody(initiator.takePending()!)!;
    assertEquals(decodeHello(noise.readMessage(init.rest)).versions, [{ major: 1, minor: 0 }]);
    const response = handshakeBody(KIND_RESPONSE, init.id, noise.writeMessage(encodeHello(hello())));
    if (!isOurs) {
      assertThrows(() => initiator.handle(response, 0), HawserError);
      continue;
    }
    assertEquals(initiator.handle(response, 0), "identified");
    initiator.confirm(0);
    noise.readMessage(parseHandshakeBody(initiator.takePending()!)!.rest);
    assertEquals(noise.complete, true);
  }
});

test("an initiator follows so many cookies, and not one more", () => {
  const initiator = side(true, true);
  const { id } = parseHandshakeBody(initiator.takePending()!)!;
  const retry = () => handshakeBody(KIND_RETRY, id, random.bytes(COOKIE_BYTES));
  for (let count = 0; count < RETRIES_MAX; count++) {
    assertEquals(initiator.handle(retry(), 0), "answer");
    assert(parseHandshakeBody(initiator.takePending()!)!.cookie !== undefined);
  }
  assertThrows(() => initiator.handle(retry(), 0), HawserError);
  assertEquals(initiator.takePending(), undefined);
});

test("a responder speaks when it is spoken to: one INIT, one answer of at most three times its size", () => {
  const inits: Uint8Array[] = [];
  const caller = new World(1, {
    ...FAIR,
    kind: "datagram",
    mtu: 1_472,
    intercept: (to, packet) => {
      if (to === caller.responder) inits.push(packet);
      return [];
    },
  });
  caller.run(() => inits.length > 0);
  assert(inits[0].length >= INIT_BYTES_MIN - HEADER_BYTES, `an INIT of ${inits[0].length} bytes`);

  const answers: number[] = [];
  const victim = new World(2, {
    ...FAIR,
    kind: "datagram",
    mtu: 1_472,
    intercept: (to, packet) => {
      if (to === victim.initiator) answers.push(packet.length);
      return [];
    },
  });
  victim.responder.session.handleReceive(inits[0], victim.now);
  victim.run(() => victim.responder.info !== undefined, 60_000);
  assertEquals(answers.length, 1);
  assert(answers[0] <= AMPLIFICATION_MAX * inits[0].length, `${answers[0]} bytes for ${inits[0].length}`);
});

test("no message is taken from a responder that has not said ACCEPT", () => {
  // A responder with the keys, and a byte engine that leaves ACCEPT out of what it seals.
  const world = new World(3, { ...FAIR, kind: "stream" }, { responderCodec: withoutAccept() });
  world.run(() => world.responder.session.state === "open", 5_000);
  world.responder.session.send(new Uint8Array(0));
  world.run(() => false, 1_000);
  assertEquals([world.initiator.received, world.initiator.info?.error?.code], [[], "protocol"]);
});

function withoutAccept(): Codec {
  const codec = createCodec({ kind: "reference" });
  const createSealer = codec.createSealer.bind(codec);
  codec.createSealer = (options) => {
    const sealer = createSealer(options);
    const seal = sealer.seal.bind(sealer);
    sealer.seal = (length: number, how: SealOptions, target: Uint8Array, at: number) => {
      if (codec.plaintext[0] === FRAME_ACCEPT) codec.plaintext[0] = FRAME_PADDING;
      return seal(length, how, target, at);
    };
    return sealer;
  };
  return codec;
}

// What createHandshake promises its caller, apart from the cryptography: copies, turns, bounds, and keys taken once.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import { NOISE_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import {
  createHandshake,
  type Handshake,
  type HandshakeOptions,
  x25519PublicKey,
} from "../../src/noise/mod.ts";
import { fromHex, toHex } from "./hex.ts";

const key = (byte: number) => new Uint8Array(32).fill(byte);
const NOTHING = new Uint8Array(0);
const SUITE = "25519_ChaChaPoly_SHA256";

function pair(
  pattern: string,
  ours: Partial<HandshakeOptions> = {},
  theirs: Partial<HandshakeOptions> = {},
): [Handshake, Handshake] {
  const protocolName = pattern.includes("_") ? pattern : `Noise_${pattern}_${SUITE}`;
  return [
    createHandshake({ protocolName, initiator: true, ...ours }),
    createHandshake({ protocolName, initiator: false, ...theirs }),
  ];
}

/** Exchanges all messages, empty. */
function run([initiator, responder]: [Handshake, Handshake]): void {
  for (let [writer, reader] = [initiator, responder]; !initiator.complete;) {
    assert(writer.writes && !reader.writes);
    reader.readMessage(writer.writeMessage());
    [writer, reader] = [reader, writer];
  }
}

const XX = () => pair("XX", { staticKey: key(1) }, { staticKey: key(2) });

test("each side learns the other's static key, and both have one handshake hash and the same keys", () => {
  const [client, server] = XX();
  assertEquals([client.remoteStaticKey, server.remoteStaticKey], [undefined, undefined]);
  run([client, server]);
  assertEquals(client.remoteStaticKey, x25519PublicKey(key(2)));
  assertEquals(server.remoteStaticKey, x25519PublicKey(key(1)));
  assertEquals(client.handshakeHash, server.handshakeHash);
  const [there, back] = client.secretKeys();
  assertEquals(server.secretKeys(), [there, back]);
  assertEquals([there.length, back.length], [32, 32]);
  assertNotEquals(there, back);
});

test("every hash carries a handshake, and a message each way after it", () => {
  for (const hash of ["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"]) {
    const psks = [key(8), key(9)];
    const sides = pair(
      `Noise_XXpsk0+psk3_25519_ChaChaPoly_${hash}`,
      { staticKey: key(1), psks },
      { staticKey: key(2), psks },
    );
    run(sides);
    const [[there, back], [there2, back2]] = [sides[0].split(), sides[1].split()];
    assertEquals(there2.decrypt(NOTHING, there.encrypt(NOTHING, key(5))), key(5), hash);
    assertEquals(back.decrypt(NOTHING, back2.encrypt(NOTHING, key(6))), key(6), hash);
  }
});

test("two pre-shared keys are not interchangeable", () => {
  const [client, server] = pair("NNpsk0+psk1", { psks: [key(8), key(9)] }, { psks: [key(9), key(8)] });
  const message = client.writeMessage();
  assertThrows(() => server.readMessage(message), HawserError);
});

test("a failed read gives pre-shared keys back", () => {
  const psks = [key(8), key(9)];
  const [client, server] = pair("NNpsk0+psk1", { psks }, { psks });
  const message = client.writeMessage(key(1));
  const changed = message.slice();
  changed[40] ^= 1;
  for (let attempt = 0; attempt < 3; attempt++) assertThrows(() => server.readMessage(changed), HawserError);
  assertEquals(server.readMessage(message), key(1));
});

test("ephemeral keys are new each time, from the source that was given", () => {
  const first = pair("NN")[0].writeMessage();
  assertNotEquals(pair("NN")[0].writeMessage(), first);
  const asked: number[] = [];
  const randomBytes = (length: number) => {
    asked.push(length);
    return key(7);
  };
  assertEquals(pair("NN", { randomBytes })[0].writeMessage(), x25519PublicKey(key(7)));
  assertEquals(asked, [32]);
});

test("what the caller hands in stays the caller's, Buffers of Node too", () => {
  const psk = Buffer.from(key(8));
  const [client, server] = pair(
    "IKpsk1",
    { staticKey: Buffer.from(key(1)), remoteStaticKey: Buffer.from(x25519PublicKey(key(2))), psks: [psk] },
    { staticKey: Buffer.from(key(2)), psks: [psk] },
  );
  const message = Buffer.from(client.writeMessage());
  server.readMessage(message);
  message.fill(0);
  client.readMessage(server.writeMessage());
  assertEquals(client.handshakeHash, server.handshakeHash);
  assertEquals(psk.every((byte) => byte === 8), true);

  const [open, reader] = pair("NN");
  const datagram = Buffer.from(open.writeMessage(key(3)));
  const payload = reader.readMessage(datagram);
  datagram.fill(0);
  assertEquals(payload, key(3));
  open.readMessage(reader.writeMessage());
});

test("keys of the caller can be wiped at once", () => {
  const staticKey = key(1), remoteStaticKey = x25519PublicKey(key(2)), psk = key(8);
  const sides = pair("IKpsk1", { staticKey, remoteStaticKey, psks: [psk] }, {
    staticKey: key(2),
    psks: [key(8)],
  });
  for (const bytes of [staticKey, remoteStaticKey, psk]) bytes.fill(0);
  run(sides);
  assertEquals(sides[1].remoteStaticKey, x25519PublicKey(key(1)));
});

test("the key that is expected of them is compared with the one they send", () => {
  const expecting = (remoteStaticKey: Uint8Array) =>
    pair("XX", { staticKey: key(1), remoteStaticKey }, { staticKey: key(2) });
  run(expecting(x25519PublicKey(key(2))));
  const sides = expecting(x25519PublicKey(key(3)));
  assertThrows(() => run(sides), HawserError, "refused");
  assertEquals([sides[0].remoteStaticKey, sides[0].complete], [undefined, false]);
});

test("a message has at most 65,535 bytes: written, and read", () => {
  const [client, server] = pair("NN");
  const room = NOISE_MESSAGE_BYTES_MAX - 32;
  assertThrows(() => client.writeMessage(new Uint8Array(room + 1)), RangeError, "65535");
  const message = client.writeMessage(new Uint8Array(room));
  assertEquals(message.length, NOISE_MESSAGE_BYTES_MAX);
  assertEquals(
    assertThrows(() => server.readMessage(new Uint8Array(NOISE_MESSAGE_BYTES_MAX + 1)), HawserError).code,
    "handshake-failed",
  );
  assertEquals(server.readMessage(message).length, room);
  assertThrows(() => server.writeMessage(new Uint8Array(room - 16 + 1)), RangeError, "65535");
  assertEquals(client.readMessage(server.writeMessage(new Uint8Array(room - 16))).length, room - 16);
});

test("turns are kept, and nothing follows the last message", () => {
  const [client, server] = pair("NN");
  assertThrows(() => server.writeMessage(), TypeError, "turn to read");
  assertThrows(() => client.readMessage(key(1)), TypeError, "turn to write");
  assertThrows(() => client.split(), TypeError, "not complete");
  run([client, server]);
  for (const side of [client, server]) {
    assertThrows(() => side.writeMessage(), TypeError, "complete");
    assertThrows(() => side.readMessage(key(1)), TypeError, "complete");
    side.split();
    assertThrows(() => side.split(), TypeError, "already taken");
    assertThrows(() => side.secretKeys(), TypeError, "already taken");
    assertEquals(side.handshakeHash.length, 32);
  }
});

test("a handshake that was disposed of is of no more use, and dispose may come twice", () => {
  const [client] = XX();
  client.dispose();
  client.dispose();
  assertThrows(() => client.writeMessage(), TypeError, "disposed of");
  const sides = XX();
  run(sides);
  sides[0].dispose();
  assertThrows(() => sides[0].split(), TypeError, "disposed of");
  assertEquals(sides[0].handshakeHash, sides[1].handshakeHash);
});

test("a one-way pattern has no way back", () => {
  const sides = pair("N", { remoteStaticKey: x25519PublicKey(key(2)) }, { staticKey: key(2) });
  run(sides);
  const [[there, back], [there2, back2]] = [sides[0].split(), sides[1].split()];
  assertEquals(there2.decrypt(NOTHING, there.encrypt(NOTHING, key(5))), key(5));
  assertThrows(() => back2.encrypt(NOTHING, key(5)), TypeError);
  assertThrows(() => back.decrypt(NOTHING, key(5)), TypeError);
});

test("keys that are missing, of no use or too short are a caller's mistake", () => {
  const begin = (pattern: string, options: Partial<HandshakeOptions>) => () => pair(pattern, options);
  assertThrows(begin("XX", {}), TypeError, "needs a staticKey");
  assertThrows(begin("NK", {}), TypeError, "needs a remoteStaticKey");
  assertThrows(begin("NN", { remoteStaticKey: key(1) }), TypeError, "prove nothing");
  assertThrows(begin("NNpsk0", {}), TypeError, "takes 1 psks, not 0");
  assertThrows(begin("NN", { psks: [key(1)] }), TypeError, "takes 0 psks, not 1");
  assertThrows(begin("NN", { ephemeralKey: new Uint8Array(31) }), RangeError, "32 bytes");
  assertThrows(begin("XX", { staticKey: new Uint8Array(33) }), RangeError, "32 bytes");
  assertThrows(begin("NK", { remoteStaticKey: NOTHING }), RangeError, "32 bytes");
  assertThrows(begin("NNpsk0", { psks: [new Uint8Array(16)] }), RangeError, "32 bytes");
});

test("a forged beginning of XX is answered, but its answer is refused, and the honest one still accepted", () => {
  const [client, server] = XX();
  const forgedServer = XX()[1];
  const message = client.writeMessage(key(3));
  const forged = message.slice();
  forged[forged.length - 1] ^= 1;
  forgedServer.readMessage(forged);
  const answer = forgedServer.writeMessage();
  assertEquals(assertThrows(() => client.readMessage(answer), HawserError).code, "handshake-failed");
  server.readMessage(message);
  client.readMessage(server.writeMessage());
  server.readMessage(client.writeMessage());
  assertEquals(toHex(client.handshakeHash), toHex(server.handshakeHash));
});

test("the handshake hash depends on the prologue", () => {
  const hashOf = (hex: string) => pair("NN", { prologue: fromHex(hex) })[0].handshakeHash;
  assertNotEquals(hashOf("00"), hashOf(""));
  assertEquals(hashOf(""), pair("NN")[0].handshakeHash);
});

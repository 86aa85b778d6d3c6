// The vectors of the Haskell implementation: every pattern, both roles, every message and handshake hash.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { assertCasesRan, vectorSet } from "../vectors/vectors.ts";
import { fromHex, toHex } from "./hex.ts";
import { type CipherState, createHandshake, type Handshake } from "../../src/noise/mod.ts";

interface CacophonyVector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_static?: string;
  readonly init_ephemeral: string;
  readonly init_remote_static?: string;
  readonly init_psks?: readonly string[];
  readonly resp_prologue: string;
  readonly resp_static?: string;
  readonly resp_ephemeral?: string;
  readonly resp_remote_static?: string;
  readonly resp_psks?: readonly string[];
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const NOTHING = new Uint8Array(0);
const set = vectorSet("noise");

test("the 118 vectors, both roles, every message and handshake hash", { skip: set.skip }, () => {
  const { vectors } = set.json<{ vectors: CacophonyVector[] }>("cacophony.json");
  let ran = 0;
  for (const vector of vectors) {
    runVector(vector);
    ran++;
  }
  assertCasesRan(set, ran);
});

function runVector(vector: CacophonyVector): void {
  const [initiator, responder] = createSides(vector);
  const oneWay = /^Noise_[NKX](psk\d)?_/.test(vector.protocol_name);
  let ciphers: [CipherState, CipherState][] | undefined;
  vector.messages.forEach(({ payload, ciphertext }, index) => {
    const fromInitiator = oneWay || index % 2 === 0;
    const where = `${vector.protocol_name}, message ${index}`;
    let sealed: Uint8Array, opened: Uint8Array;
    if (!initiator.complete) {
      const [from, to] = fromInitiator ? [initiator, responder] : [responder, initiator];
      sealed = from.writeMessage(fromHex(payload));
      opened = to.readMessage(sealed);
    } else {
      ciphers ??= finish(vector, initiator, responder);
      const direction = fromInitiator ? 0 : 1;
      const [from, to] = fromInitiator ? ciphers : [ciphers[1], ciphers[0]];
      sealed = from[direction].encrypt(NOTHING, fromHex(payload));
      opened = to[direction].decrypt(NOTHING, sealed);
    }
    assertEquals(toHex(sealed), ciphertext, where);
    assertEquals(toHex(opened), payload, where);
  });
  assertEquals(toHex(initiator.handshakeHash), vector.handshake_hash, vector.protocol_name);
}

function createSides(vector: CacophonyVector): [Handshake, Handshake] {
  const bytes = (hex: string | undefined) => hex === undefined ? undefined : fromHex(hex);
  const { protocol_name: protocolName } = vector;
  return [
    createHandshake({
      protocolName,
      initiator: true,
      prologue: fromHex(vector.init_prologue),
      staticKey: bytes(vector.init_static),
      ephemeralKey: bytes(vector.init_ephemeral),
      remoteStaticKey: bytes(vector.init_remote_static),
      psks: vector.init_psks?.map(fromHex),
    }),
    createHandshake({
      protocolName,
      initiator: false,
      prologue: fromHex(vector.resp_prologue),
      staticKey: bytes(vector.resp_static),
      ephemeralKey: bytes(vector.resp_ephemeral),
      remoteStaticKey: bytes(vector.resp_remote_static),
      psks: vector.resp_psks?.map(fromHex),
    }),
  ];
}

function finish(
  vector: CacophonyVector,
  initiator: Handshake,
  responder: Handshake,
): [CipherState, CipherState][] {
  assertEquals([initiator.complete, responder.complete], [true, true], vector.protocol_name);
  for (const side of [initiator, responder]) {
    assertEquals(toHex(side.handshakeHash), vector.handshake_hash, vector.protocol_name);
  }
  return [initiator.split(), responder.split()];
}

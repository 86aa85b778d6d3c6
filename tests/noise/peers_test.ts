// Handshakes with two implementations that nobody here wrote, in both roles.

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { createHandshake, x25519PublicKey } from "../../src/noise/mod.ts";
import { toHex } from "./hex.ts";

const require = createRequire(import.meta.url);
const key = (byte: number) => new Uint8Array(32).fill(byte);
const bytes = (value: ArrayLike<number>) => Uint8Array.from(value);
const text = (value: string) => new TextEncoder().encode(value);

/** What the test needs of a peer. */
interface Peer {
  write(payload: Uint8Array): Uint8Array;
  read(message: Uint8Array): Uint8Array;
  hash(): Uint8Array;
  /** Seals one transport message to us, opens one of ours. */
  seal(plaintext: Uint8Array): Uint8Array;
  open(ciphertext: Uint8Array): Uint8Array;
}

interface Roles {
  readonly pattern: string;
  readonly hash: string;
  readonly peerInitiates: boolean;
}

const PROLOGUE = text("prologue");
const OURS = key(1);
const THEIRS = key(3);
const PSK = key(9);

/** Runs a whole handshake with a peer, and one message each way after it. */
function converse({ pattern, hash, peerInitiates }: Roles, peer: Peer): void {
  const us = createHandshake({
    protocolName: `Noise_${pattern}_25519_ChaChaPoly_${hash}`,
    initiator: !peerInitiates,
    prologue: PROLOGUE,
    staticKey: pattern.startsWith("NN") ? undefined : OURS,
    remoteStaticKey: pattern === "IK" && !peerInitiates ? x25519PublicKey(THEIRS) : undefined,
    psks: pattern.includes("psk") ? [PSK] : undefined,
  });
  for (let turn = 0; !us.complete; turn++) {
    const payload = text(`payload ${turn}`);
    const theirTurn = (turn % 2 === 0) === peerInitiates;
    const read = theirTurn ? us.readMessage(peer.write(payload)) : peer.read(us.writeMessage(payload));
    assertEquals(bytes(read), payload);
  }
  assertEquals(toHex(us.handshakeHash), toHex(peer.hash()));
  const [first, second] = us.split();
  const [send, receive] = peerInitiates ? [second, first] : [first, second];
  const none = new Uint8Array(0);
  for (const word of ["one", "two"]) {
    assertEquals(bytes(peer.open(send.encrypt(none, text(word)))), text(word));
    assertEquals(receive.decrypt(none, peer.seal(text(word))), text(word));
  }
}

interface NoiseC {
  readonly constants: Record<string, number>;
  HandshakeState: new (name: string, role: number) => {
    Initialize(
      prologue: Uint8Array,
      s: Uint8Array | null,
      rs: Uint8Array | null,
      psk: Uint8Array | null,
    ): void;
    WriteMessage(payload: Uint8Array): Uint8Array;
    ReadMessage(message: Uint8Array, payloadNeeded: boolean): Uint8Array;
    GetHandshakeHash(): Uint8Array;
    Split(): [NoiseCCipher, NoiseCCipher];
  };
}

interface NoiseCCipher {
  EncryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  DecryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

// noise-c knows the psk modifiers only by the names of an older revision.
for (const pattern of ["XX", "IK", "NN"]) {
  for (const hash of ["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"]) {
    for (const peerInitiates of [true, false]) {
      const role = peerInitiates ? "initiates" : "responds";
      test(`noise-c (WebAssembly) ${role}: ${pattern}, ${hash}`, async () => {
        converse({ pattern, hash, peerInitiates }, await noiseCPeer({ pattern, hash, peerInitiates }));
      });
    }
  }
}

let loaded: Promise<NoiseC> | undefined;

function loadNoiseC(): Promise<NoiseC> {
  const create = require("noise-c.wasm") as (options: object, callback: (library: NoiseC) => void) => void;
  // It says on the console how it was compiled.
  return loaded ??= new Promise((resolve) => create({ printErr: () => {} }, resolve));
}

async function noiseCPeer({ pattern, hash, peerInitiates }: Roles): Promise<Peer> {
  const library = await loadNoiseC();
  const { NOISE_ROLE_INITIATOR, NOISE_ROLE_RESPONDER } = library.constants;
  const state = new library.HandshakeState(
    `Noise_${pattern}_25519_ChaChaPoly_${hash}`,
    peerInitiates ? NOISE_ROLE_INITIATOR : NOISE_ROLE_RESPONDER,
  );
  const ours = pattern === "IK" && peerInitiates ? x25519PublicKey(OURS) : null;
  state.Initialize(PROLOGUE, pattern === "NN" ? null : THEIRS, ours, null);
  const none = new Uint8Array(0);
  let ciphers: [NoiseCCipher, NoiseCCipher] | undefined;
  const split = () => ciphers ??= state.Split();
  return {
    write: (payload) => bytes(state.WriteMessage(payload)),
    read: (message) => state.ReadMessage(message, true),
    hash: () => state.GetHandshakeHash(),
    seal: (plaintext) => bytes(split()[0].EncryptWithAd(none, plaintext)),
    open: (ciphertext) => split()[1].DecryptWithAd(none, ciphertext),
  };
}

for (const pattern of ["XX", "XXpsk0", "IK", "NN", "NNpsk0"]) {
  for (const peerInitiates of [true, false]) {
    test(`noise-handshake ${peerInitiates ? "initiates" : "responds"}: ${pattern}, BLAKE2b`, () => {
      converse({ pattern, hash: "BLAKE2b", peerInitiates }, holepunchPeer(pattern, peerInitiates));
    });
  }
}

function holepunchPeer(pattern: string, initiates: boolean): Peer {
  const Noise = require("noise-handshake");
  const Cipher = require("noise-handshake/cipher");
  const keyPair = { publicKey: Buffer.from(x25519PublicKey(THEIRS)), secretKey: Buffer.from(THEIRS) };
  const psk = pattern.includes("psk") ? { psk: Buffer.from(PSK) } : {};
  const state = new Noise(pattern, initiates, keyPair, psk);
  state.initialise(
    Buffer.from(PROLOGUE),
    pattern === "IK" && initiates ? Buffer.from(x25519PublicKey(OURS)) : undefined,
  );
  let ciphers: { send: typeof Cipher; receive: typeof Cipher } | undefined;
  const split = () => ciphers ??= { send: new Cipher(state.tx), receive: new Cipher(state.rx) };
  return {
    write: (payload) => bytes(state.send(Buffer.from(payload))),
    read: (message) => state.recv(Buffer.from(message)),
    hash: () => state.hash,
    seal: (plaintext) => bytes(split().send.encrypt(Buffer.from(plaintext))),
    open: (ciphertext) => split().receive.decrypt(Buffer.from(ciphertext)),
  };
}

/**
 * A whole XX handshake, both sides, beside two other implementations and beside its key agreement alone.
 *
 * That the peers agree with us is what `tests/noise/peers_test.ts` proves. noise-handshake has BLAKE2b only, so
 * it is measured against ours with BLAKE2b. A bare `deno bench` has no permission for what they load, and leaves both out.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { createKeyPair } from "../src/noise/dh.ts";
import { createHandshake, x25519PublicKey } from "../src/noise/mod.ts";
import { randomBytes } from "../src/random.ts";
import { loadPeer } from "./load_peer.ts";

interface Side {
  write(): Uint8Array;
  read(message: Uint8Array): void;
  /** Takes the transport keys, and lets go of everything. */
  end(): void;
}

const require = createRequire(import.meta.url);
const KEYS = [randomBytes(32), randomBytes(32)] as const;

/** XX: three messages, the initiator's first. */
function run(initiator: Side, responder: Side): void {
  responder.read(initiator.write());
  initiator.read(responder.write());
  responder.read(initiator.write());
  initiator.end();
  responder.end();
}

function hawser(hash: string, initiator: boolean): Side {
  const protocolName = `Noise_XX_25519_ChaChaPoly_${hash}`;
  const state = createHandshake({ protocolName, initiator, staticKey: KEYS[initiator ? 0 : 1] });
  return {
    write: () => state.writeMessage(),
    read: (message) => state.readMessage(message),
    end: () => state.split(),
  };
}

/** What no XX handshake can do without: four key pairs, and three key agreements on each side. */
function keyAgreementAlone(): void {
  const [s, rs] = KEYS.map(createKeyPair);
  const [e, re] = [createKeyPair(randomBytes(32)), createKeyPair(randomBytes(32))];
  for (const [ours, theirs] of [[e, re], [e, rs], [s, re]]) {
    ours.dh(theirs.publicKey);
    theirs.dh(ours.publicKey);
  }
}

interface NoiseC {
  readonly constants: Record<string, number>;
  HandshakeState: new (name: string, role: number) => {
    Initialize(prologue: null, s: Uint8Array, rs: null, psk: null): void;
    WriteMessage(): Uint8Array;
    ReadMessage(message: Uint8Array, payloadNeeded: boolean): void;
    Split(): { free(): void }[];
  };
}

interface NoiseHandshake {
  initialise(prologue: Uint8Array): void;
  send(): Uint8Array;
  recv(message: Uint8Array): void;
}

type CreateNoiseHandshake = new (
  pattern: string,
  initiator: boolean,
  keyPair: { publicKey: Uint8Array; secretKey: Uint8Array },
) => NoiseHandshake;

const noiseC = await loadPeer(
  "noise-c.wasm",
  () => new Promise<NoiseC>((resolve) => require("noise-c.wasm")({ printErr: () => {} }, resolve)),
);
const Noise = await loadPeer<CreateNoiseHandshake>(
  "noise-handshake",
  () => Promise.resolve(require("noise-handshake")),
);

function noiseCSide(noiseC: NoiseC, initiator: boolean): Side {
  const { NOISE_ROLE_INITIATOR, NOISE_ROLE_RESPONDER } = noiseC.constants;
  const role = initiator ? NOISE_ROLE_INITIATOR : NOISE_ROLE_RESPONDER;
  const state = new noiseC.HandshakeState("Noise_XX_25519_ChaChaPoly_SHA256", role);
  state.Initialize(null, KEYS[initiator ? 0 : 1], null, null);
  return {
    write: () => state.WriteMessage(),
    read: (message) => state.ReadMessage(message, true),
    end: () => state.Split().forEach((cipher) => cipher.free()),
  };
}

function noiseHandshakeSide(Noise: CreateNoiseHandshake, initiator: boolean): Side {
  const secretKey = Buffer.from(KEYS[initiator ? 0 : 1]);
  const state = new Noise("XX", initiator, { publicKey: Buffer.from(x25519PublicKey(secretKey)), secretKey });
  state.initialise(Buffer.alloc(0));
  return {
    write: () => state.send(),
    read: (message) => state.recv(message),
    end: () => {},
  };
}

const group = "XX handshake, both sides";
Deno.bench("Hawser, SHA256", { group, baseline: true }, () => {
  run(hawser("SHA256", true), hawser("SHA256", false));
});
Deno.bench("Hawser, BLAKE2b", { group }, () => run(hawser("BLAKE2b", true), hawser("BLAKE2b", false)));
if (noiseC !== undefined) {
  Deno.bench(
    "noise-c.wasm, SHA256",
    { group },
    () => run(noiseCSide(noiseC, true), noiseCSide(noiseC, false)),
  );
}
if (Noise !== undefined) {
  Deno.bench("noise-handshake (libsodium), BLAKE2b", { group }, () => {
    run(noiseHandshakeSide(Noise, true), noiseHandshakeSide(Noise, false));
  });
}
Deno.bench("control: its key agreement alone", { group }, keyAgreementAlone);

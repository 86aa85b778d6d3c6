/**
 * The HandshakeState of Noise (§5.3): follows a pattern, token by token, with all that was checked before it began.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { NOISE_MESSAGE_BYTES_MAX } from "../limits.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { TAG_BYTES } from "./cipher.ts";
import { CipherState } from "./cipher_state.ts";
import { constantTimeEqual } from "./constant_time.ts";
import { createKeyPair, DH_BYTES, generateKeyPair, type KeyPair, requireKeyBytes } from "./dh.ts";
import { handshakeFailed } from "./failure.ts";
import type { Token } from "./pattern.ts";
import type { Protocol } from "./protocol.ts";
import { SymmetricState } from "./symmetric_state.ts";

/** What one side of a handshake knows. Keys are 32 bytes and are copied: the caller may wipe or reuse its own. */
export interface HandshakeSide {
  /** Whether this side sends the first message. */
  readonly initiator: boolean;
  /** What both sides already agree on; it becomes part of the transcript. Default empty. */
  readonly prologue?: Uint8Array;
  /**
   * Our static secret key, where the pattern has one. As a key pair it is shared, and stays: making one anew for each
   * handshake costs about as much as a DH.
   */
  readonly staticKey?: Uint8Array | KeyPair;
  /** Our ephemeral secret key. Only for tests: by default it is made anew. */
  readonly ephemeralKey?: Uint8Array;
  /**
   * Their static public key. Where the pattern knows it beforehand it must be given; where they send it,
   * it is what they must send, and any other fails.
   */
  readonly remoteStaticKey?: Uint8Array;
  /** Pre-shared keys, in the order of the psk modifiers. */
  readonly psks?: readonly Uint8Array[];
  /** Where the ephemeral key comes from. By default the runtime's cryptographic generator. */
  readonly randomBytes?: RandomBytes;
}

const NOTHING = new Uint8Array(0);

/** One side of a handshake. Messages alternate, the initiator's first; `complete` says when it is over. */
export class HandshakeState {
  readonly #protocol: Protocol;
  readonly #initiator: boolean;
  readonly #randomBytes: RandomBytes;
  readonly #psks: Uint8Array[];
  readonly #expectedStatic: Uint8Array | undefined;
  #symmetric: SymmetricState;
  #static: KeyPair | undefined;
  readonly #isStaticShared: boolean;
  #ephemeral: KeyPair | undefined;
  #remoteStatic: Uint8Array | undefined;
  #remoteEphemeral: Uint8Array | undefined;
  // With hfs: the secret key of the initiator, and at the responder its public one.
  #kemSecret: Uint8Array | undefined;
  #remoteKem: Uint8Array | undefined;
  #messageIndex = 0;
  #psksUsed = 0;
  #over = false;

  /**
   * Initialize (§5.3).
   * @throws {TypeError} if a key that the protocol needs is missing or has no use.
   * @throws {RangeError} if a key is not 32 bytes.
   */
  constructor(protocol: Protocol, options: HandshakeSide) {
    requireKeys(protocol, options);
    this.#protocol = protocol;
    this.#initiator = options.initiator;
    this.#randomBytes = options.randomBytes ?? randomBytes;
    this.#psks = (options.psks ?? []).map((psk) => new Uint8Array(psk));
    this.#expectedStatic = options.remoteStaticKey && new Uint8Array(options.remoteStaticKey);
    this.#static = options.staticKey instanceof Uint8Array
      ? createKeyPair(options.staticKey)
      : options.staticKey;
    this.#isStaticShared = this.#static !== undefined && this.#static === options.staticKey;
    this.#ephemeral = options.ephemeralKey && createKeyPair(options.ephemeralKey);
    this.#symmetric = SymmetricState.initialize(protocol);
    this.#symmetric.mixHash(options.prologue ?? NOTHING);

    const { initiatorKnown, responderKnown } = protocol.pattern;
    const [ours, theirs] = this.#initiator
      ? [initiatorKnown, responderKnown]
      : [responderKnown, initiatorKnown];
    if (theirs) this.#remoteStatic = this.#expectedStatic;
    const initiatorKey = this.#initiator ? ours && this.#static!.publicKey : theirs && this.#remoteStatic!;
    const responderKey = this.#initiator ? theirs && this.#remoteStatic! : ours && this.#static!.publicKey;
    if (initiatorKey) this.#symmetric.mixHash(initiatorKey);
    if (responderKey) this.#symmetric.mixHash(responderKey);
  }

  /** Whether all messages have been exchanged: then `split` gives the ciphers. */
  get complete(): boolean {
    return this.#messageIndex === this.#protocol.pattern.messages.length;
  }

  /** Whether the next thing to do is `writeMessage`; otherwise it is `readMessage`, until `complete`. */
  get writes(): boolean {
    return !this.complete && (this.#messageIndex % 2 === 0) === this.#initiator;
  }

  /** The hash of all that was exchanged: equal on both sides, and once complete, unique to this handshake (§11.2). */
  get handshakeHash(): Uint8Array {
    return this.#symmetric.handshakeHash.slice();
  }

  /** The static public key of the other side, once it is known. It is proved only when the handshake is complete. */
  get remoteStaticKey(): Uint8Array | undefined {
    return this.#remoteStatic?.slice();
  }

  /**
   * WriteMessage: the next message, with `payload` in it. How well the payload is protected depends on the
   * pattern and the message (§7.7).
   *
   * @throws {TypeError} if it is not our turn.
   * @throws {RangeError} if the message would be over 65,535 bytes.
   * @throws {HawserError} `handshake-failed` if the key that they sent must be refused.
   */
  writeMessage(payload: Uint8Array = NOTHING): Uint8Array {
    this.#requireTurn(this.writes, "write");
    const tokens = this.#protocol.pattern.messages[this.#messageIndex];
    if (tokens.includes("e")) this.#ephemeral ??= generateKeyPair(this.#randomBytes);
    return this.#attempt((symmetric) => {
      const parts = tokens.map((token) => this.#writeToken(token, symmetric));
      const bytes = parts.reduce((sum, part) => sum + part.length, payload.length);
      if (bytes + (symmetric.hasKey ? TAG_BYTES : 0) > NOISE_MESSAGE_BYTES_MAX) {
        throw new RangeError(
          `a Noise message is at most 65535 bytes; a payload of ${payload.length} is too much`,
        );
      }
      return join([...parts, symmetric.encryptAndHash(payload)]);
    });
  }

  /**
   * ReadMessage: takes the next message of the other side and returns its payload. A failure changes nothing: the
   * honest message may still come.
   *
   * @throws {HawserError} `handshake-failed` if it was changed, is cut, too long, from another handshake, or made
   * with other keys: which of these is not told.
   * @throws {TypeError} if it is not their turn.
   */
  readMessage(message: Uint8Array): Uint8Array {
    this.#requireTurn(!this.writes, "read");
    if (message.length > NOISE_MESSAGE_BYTES_MAX) throw handshakeFailed();
    const tokens = this.#protocol.pattern.messages[this.#messageIndex];
    try {
      return this.#attempt((symmetric) => {
        let at = 0;
        for (const token of tokens) at += this.#readToken(token, message.subarray(at), symmetric);
        return symmetric.decryptAndHash(message.subarray(at));
      });
    } catch (error) {
      throw error instanceof HawserError ? handshakeFailed() : error;
    }
  }

  /**
   * Split: the ciphers of the messages from initiator to responder, and back. One-way patterns have no way back: their
   * second cipher refuses all use. Only once, because two ciphers with one key would use every nonce twice.
   *
   * @throws {TypeError} if the handshake is not complete, or its keys were already taken.
   */
  split(): [initiatorToResponder: CipherState, responderToInitiator: CipherState] {
    const oneWay = this.#protocol.pattern.messages.length === 1;
    const [there, back] = this.secretKeys().map((key) => new CipherState(this.#protocol.aead, key));
    if (oneWay) back.dispose();
    return [there, back];
  }

  /**
   * The two 32-byte keys that `split` would make its ciphers of, the initiator's sending key first: for a transport
   * protocol of one's own. Only once, and instead of `split`.
   *
   * @throws {TypeError} if the handshake is not complete, or its keys were already taken.
   */
  secretKeys(): [initiatorToResponder: Uint8Array, responderToInitiator: Uint8Array] {
    if (!this.complete) {
      throw new TypeError("the handshake is not complete: messages are still to be exchanged");
    }
    if (this.#over) {
      throw new TypeError("the keys of this handshake were already taken, or it was disposed of");
    }
    const keys = this.#symmetric.split();
    this.dispose();
    return keys;
  }

  /** Wipes all keys; afterwards only the handshake hash and the public key of the other side remain. Safe to call twice. */
  dispose(): void {
    this.#over = true;
    this.#symmetric.dispose();
    this.#forgetInputs();
  }

  #requireTurn(ours: boolean, verb: "write" | "read"): void {
    if (this.#over) throw new TypeError(`cannot ${verb}: the handshake was disposed of`);
    if (this.complete) throw new TypeError(`cannot ${verb}: the handshake is complete; call split`);
    if (!ours) {
      throw new TypeError(`cannot ${verb}: it is the turn to ${verb === "write" ? "read" : "write"}`);
    }
  }

  // Works on a copy, which becomes the state only if nothing throws.
  #attempt<T>(step: (symmetric: SymmetricState) => T): T {
    const before = [this.#remoteEphemeral, this.#remoteStatic, this.#remoteKem] as const;
    const psksUsed = this.#psksUsed;
    const attempt = this.#symmetric.clone();
    let result: T;
    try {
      result = step(attempt);
    } catch (error) {
      attempt.dispose();
      [this.#remoteEphemeral, this.#remoteStatic, this.#remoteKem] = before;
      this.#psksUsed = psksUsed;
      throw error;
    }
    this.#symmetric.dispose();
    this.#symmetric = attempt;
    this.#messageIndex++;
    if (this.complete) this.#forgetInputs();
    return result;
  }

  #forgetInputs(): void {
    if (!this.#isStaticShared) this.#static?.dispose();
    this.#ephemeral?.dispose();
    this.#kemSecret?.fill(0);
    this.#static = this.#ephemeral = this.#kemSecret = undefined;
    for (const psk of this.#psks) psk.fill(0);
  }

  #writeToken(token: Token, symmetric: SymmetricState): Uint8Array {
    if (token === "s") return symmetric.encryptAndHash(this.#static!.publicKey);
    if (token === "e") {
      this.#mixEphemeral(this.#ephemeral!.publicKey, symmetric);
      return this.#ephemeral!.publicKey;
    }
    if (token === "e1") return this.#writeKemKey(symmetric);
    if (token === "ekem1") return this.#writeKemSecret(symmetric);
    this.#mixToken(token, symmetric);
    return NOTHING;
  }

  /** Returns how many bytes it read from the beginning of `rest`. */
  #readToken(token: Token, rest: Uint8Array, symmetric: SymmetricState): number {
    if (token === "e") {
      this.#remoteEphemeral = new Uint8Array(take(rest, DH_BYTES));
      this.#mixEphemeral(this.#remoteEphemeral, symmetric);
      return DH_BYTES;
    }
    if (token === "s") {
      const bytes = DH_BYTES + (symmetric.hasKey ? TAG_BYTES : 0);
      this.#remoteStatic = symmetric.decryptAndHash(take(rest, bytes));
      const expected = this.#expectedStatic;
      if (expected !== undefined && !constantTimeEqual(expected, this.#remoteStatic)) throw handshakeFailed();
      return bytes;
    }
    if (token === "e1" || token === "ekem1") return this.#readKem(token, rest, symmetric);
    this.#mixToken(token, symmetric);
    return 0;
  }

  #writeKemKey(symmetric: SymmetricState): Uint8Array {
    const kem = this.#protocol.kem!;
    const { publicKey, secretKey } = kem.generate(this.#randomBytes(kem.seedBytes));
    this.#kemSecret = secretKey;
    return symmetric.encryptAndHash(publicKey);
  }

  // A public key that is none is their fault.
  #writeKemSecret(symmetric: SymmetricState): Uint8Array {
    const kem = this.#protocol.kem!;
    let made: ReturnType<typeof kem.encapsulate>;
    try {
      made = kem.encapsulate(this.#remoteKem!, this.#randomBytes(kem.randomBytes));
    } catch {
      throw handshakeFailed();
    }
    const sealed = symmetric.encryptAndHash(made.ciphertext);
    symmetric.mixKey(made.sharedSecret);
    made.sharedSecret.fill(0);
    return sealed;
  }

  #readKem(token: "e1" | "ekem1", rest: Uint8Array, symmetric: SymmetricState): number {
    const kem = this.#protocol.kem!;
    const length = token === "e1" ? kem.publicKeyBytes : kem.ciphertextBytes;
    const bytes = length + (symmetric.hasKey ? TAG_BYTES : 0);
    const value = symmetric.decryptAndHash(take(rest, bytes));
    if (token === "e1") this.#remoteKem = new Uint8Array(value);
    else {
      const sharedSecret = kem.decapsulate(value, this.#kemSecret!);
      symmetric.mixKey(sharedSecret);
      sharedSecret.fill(0);
    }
    return bytes;
  }

  // §9.2: with pre-shared keys, ephemeral keys go into the chaining key too, so that nonces do not repeat.
  #mixEphemeral(publicKey: Uint8Array, symmetric: SymmetricState): void {
    symmetric.mixHash(publicKey);
    if (this.#protocol.pskCount > 0) symmetric.mixKey(publicKey);
  }

  #mixToken(token: Exclude<Token, "e" | "s" | "e1" | "ekem1">, symmetric: SymmetricState): void {
    if (token === "psk") return symmetric.mixKeyAndHash(this.#psks[this.#psksUsed++]);
    // The first letter is the initiator's key, the second the responder's.
    const [ours, theirs] = this.#initiator ? token : [token[1], token[0]];
    const pair = ours === "e" ? this.#ephemeral! : this.#static!;
    const shared = pair.dh(theirs === "e" ? this.#remoteEphemeral! : this.#remoteStatic!);
    symmetric.mixKey(shared);
    shared.fill(0);
  }
}

/** JOIN of §3. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function take(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length < length) throw handshakeFailed();
  return bytes.subarray(0, length);
}

/** Which keys a side has and which it learns is fixed by the pattern; a mistake shows before the first byte is sent. */
function requireKeys({ name, pattern, pskCount, kem }: Protocol, options: HandshakeSide): void {
  const { staticKey, ephemeralKey, remoteStaticKey, psks = [] } = options;
  const sends = (ours: boolean) =>
    pattern.messages.some((row, index) => (index % 2 === 0) === ours && row.includes("s"));
  const initiatorHas = pattern.initiatorKnown || sends(true);
  const responderHas = pattern.responderKnown || sends(false);
  const [ours, theirs] = options.initiator ? [initiatorHas, responderHas] : [responderHas, initiatorHas];
  const theirsKnown = options.initiator ? pattern.responderKnown : pattern.initiatorKnown;

  if (ours && staticKey === undefined) throw new TypeError(`${name}: this side needs a staticKey`);
  if (theirsKnown && remoteStaticKey === undefined) {
    throw new TypeError(`${name}: this side needs a remoteStaticKey`);
  }
  if (!theirs && remoteStaticKey !== undefined) {
    throw new TypeError(
      `${name}: the other side has no static key, so a remoteStaticKey would prove nothing`,
    );
  }
  if (kem === undefined && pattern.messages.some((row) => row.includes("e1"))) {
    throw new TypeError(`${name}: needs a key encapsulation`);
  }
  if (psks.length !== pskCount) throw new TypeError(`${name}: takes ${pskCount} psks, not ${psks.length}`);
  if (staticKey instanceof Uint8Array) requireKeyBytes("staticKey", staticKey);
  if (ephemeralKey !== undefined) requireKeyBytes("ephemeralKey", ephemeralKey);
  if (remoteStaticKey !== undefined) requireKeyBytes("remoteStaticKey", remoteStaticKey);
  for (const psk of psks) requireKeyBytes("a psk", psk);
}

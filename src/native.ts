/**
 * Finds the runtime's own synchronous cryptography: the one place that looks.
 *
 * The core is synchronous, so WebCrypto is of no use to it. Node, Deno and Bun have
 * `node:crypto`, reached through `process.getBuiltinModule`: nothing is imported,
 * so that browsers and bundlers see no trace of it and simply find nothing.
 *
 * Only what was measured to be faster is offered. X25519 takes 23-45 us natively and
 * 250-780 us in JavaScript, so it decides how many handshakes a second there are. SHA-256
 * of 64 bytes: Bun 0.2 us natively and 0.95 us in JavaScript (HMAC 0.5 and 2.8), but Node and
 * Deno are slower natively (HMAC 6-9 us and 3 us). ChaCha20-Poly1305: a call costs 5-10 us beside the work, so that
 * the core is faster up to 32 KiB; 1 MiB goes at 1.8-3.5 GB/s natively on Deno and Node, and at 1.4-1.6 in the core.
 *
 * Vocabulary level: imports nothing.
 *
 * @module
 */

/** An X25519 secret key inside the runtime. */
export interface NativeX25519Key {
  /** The 32 bytes of the public key. */
  publicKey(): Uint8Array;
  /** RFC 7748 §6.1 with the public key of the other side. May throw where the result is all zero. */
  sharedSecret(publicKey: Uint8Array): Uint8Array;
}

/** SHA-256 and its HMAC by the runtime; the parts are read as one run of bytes. */
export interface NativeSha256 {
  hash(parts: readonly Uint8Array[]): Uint8Array;
  hmac(key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
}

/** ChaCha20-Poly1305 (RFC 8439) by the runtime, with a nonce of 12 bytes; worth its overhead for long texts. */
export interface NativeAead {
  /** Writes ciphertext and tag to `target`, which has 16 bytes more than the text. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array, target: Uint8Array): void;
  /** Writes the text to `target`, or returns `false` and writes nothing where the tag is wrong. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array, target: Uint8Array): boolean;
}

/** X25519 by the runtime. */
export interface NativeX25519 {
  /** Imports a secret key of 32 bytes. */
  importKey(secret: Uint8Array): NativeX25519Key;
  /** Makes a new key, which never leaves the runtime: on Node in half the time of an import. */
  generateKey(): NativeX25519Key;
}

/** X25519 by the runtime, or `undefined` where it has no synchronous one. */
export const nativeX25519: NativeX25519 | undefined = findX25519();

/** SHA-256 by the runtime, or `undefined` where JavaScript is as fast or faster. */
export const nativeSha256: NativeSha256 | undefined = findSha256();

/** ChaCha20-Poly1305 by the runtime, or `undefined` where it has no synchronous one. */
export const nativeAead: NativeAead | undefined = findAead();

// The part of node:crypto that is used, typed here so that nobody needs the types of Node.
interface KeyObject {
  export(options: { format: "jwk" }): { x: string };
}
interface KeyInput {
  key: Uint8Array;
  format: "der";
  type: "pkcs8" | "spki";
}
interface Digest {
  update(bytes: Uint8Array): Digest;
  digest(): Uint8Array;
}
interface AeadOptions {
  readonly authTagLength: number;
}
interface Cipher {
  setAAD(aad: Uint8Array, options: { plaintextLength: number }): void;
  setAuthTag(tag: Uint8Array): void;
  getAuthTag(): Uint8Array;
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}
interface NodeCrypto {
  getCiphers?(): string[];
  createCipheriv(name: string, key: Uint8Array, nonce: Uint8Array, options: AeadOptions): Cipher;
  createDecipheriv(name: string, key: Uint8Array, nonce: Uint8Array, options: AeadOptions): Cipher;
  createPrivateKey(input: KeyInput): KeyObject;
  createPublicKey(input: KeyInput): KeyObject;
  generateKeyPairSync(type: "x25519"): { readonly privateKey: KeyObject };
  diffieHellman(keys: { privateKey: KeyObject; publicKey: KeyObject }): Uint8Array;
  hash?(algorithm: "sha256", bytes: Uint8Array, encoding: "buffer"): Uint8Array;
  createHmac(algorithm: "sha256", key: Uint8Array): Digest;
}
interface Global {
  readonly process?: NodeProcess;
}
interface NodeProcess {
  readonly versions?: { readonly bun?: string };
  getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined;
}

function findX25519(): typeof nativeX25519 {
  const crypto = (globalThis as Global).process?.getBuiltinModule?.("node:crypto");
  if (crypto?.diffieHellman === undefined) return undefined;
  // RFC 8410 §7 and §4: all of the DER encoding that precedes the 32 bytes of the key.
  const secretPrefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20];
  const publicPrefix = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0];
  const encode = (prefix: number[], key: Uint8Array): Uint8Array => {
    const der = new Uint8Array(prefix.length + key.length);
    der.set(prefix);
    der.set(key, prefix.length);
    return der;
  };
  // Both DHs of a handshake take the same key of the peer, and Node needs nearly as long to import it as for the DH.
  const last = { bytes: new Uint8Array(32), key: undefined as KeyObject | undefined };
  const importPublic = (bytes: Uint8Array): KeyObject => {
    if (last.key !== undefined && bytes.every((byte, index) => byte === last.bytes[index])) return last.key;
    const key = crypto.createPublicKey({ key: encode(publicPrefix, bytes), format: "der", type: "spki" });
    last.bytes.set(bytes);
    last.key = key;
    return key;
  };
  const keyOf = (privateKey: KeyObject): NativeX25519Key => ({
    // JWK, because Node derives a public KeyObject 20 times more slowly.
    publicKey: () => fromBase64Url(privateKey.export({ format: "jwk" }).x),
    sharedSecret: (bytes) =>
      new Uint8Array(crypto.diffieHellman({ privateKey, publicKey: importPublic(bytes) })),
  });
  const importKey = (secret: Uint8Array): NativeX25519Key => {
    const der = encode(secretPrefix, secret);
    const privateKey = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    der.fill(0);
    return keyOf(privateKey);
  };
  const generateKey = () => keyOf(crypto.generateKeyPairSync("x25519").privateKey);
  try {
    importKey(new Uint8Array(32).fill(1)).publicKey();
    generateKey().publicKey();
    return { importKey, generateKey };
  } catch {
    return undefined; // The module is there, but the curve is not.
  }
}

function findSha256(): NativeSha256 | undefined {
  const process = (globalThis as Global).process;
  if (process?.versions?.bun === undefined) return undefined;
  const crypto = process.getBuiltinModule?.("node:crypto");
  const hash = crypto?.hash;
  if (crypto === undefined || hash === undefined) return undefined;
  return {
    hash: (parts) => new Uint8Array(hash("sha256", join(parts), "buffer")),
    hmac: (key, parts) => {
      const digest = crypto.createHmac("sha256", key);
      for (const part of parts) digest.update(part);
      return new Uint8Array(digest.digest());
    },
  };
}

function findAead(): NativeAead | undefined {
  const crypto = (globalThis as Global).process?.getBuiltinModule?.("node:crypto");
  const name = "chacha20-poly1305";
  if (crypto?.getCiphers?.().includes(name) !== true) return undefined;
  const options = { authTagLength: 16 };
  return {
    seal(key, nonce, aad, text, target) {
      const cipher = crypto.createCipheriv(name, key, nonce, options);
      cipher.setAAD(aad, { plaintextLength: text.length });
      target.set(cipher.update(text));
      cipher.final();
      target.set(cipher.getAuthTag(), text.length);
    },
    open(key, nonce, aad, sealed, target) {
      const length = sealed.length - 16;
      const cipher = crypto.createDecipheriv(name, key, nonce, options);
      cipher.setAAD(aad, { plaintextLength: length });
      cipher.setAuthTag(sealed.subarray(length));
      const text = cipher.update(sealed.subarray(0, length));
      try {
        cipher.final();
      } catch {
        text.fill(0); // Nobody may see what nobody has vouched for.
        return false;
      }
      target.set(text);
      return true;
    },
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

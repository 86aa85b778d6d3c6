/**
 * Finds what the runtime offers for signed records: synchronous Ed25519, and SHA-256 of long texts.
 *
 * Both are reached through `process.getBuiltinModule`, as in native.ts; apart from it, because most programs sign
 * nothing. Ed25519: a signature takes 30 us natively and 2 ms in JavaScript, its verification 50 us and 6 ms. SHA-256
 * of 16 MiB: 16 ms and 520 ms; of 1,000 bytes the two are alike.
 *
 * Vocabulary level: imports nothing.
 *
 * @module
 */

/** Ed25519 (RFC 8032) by the runtime. */
export interface NativeEd25519 {
  /** The public key (32 bytes) of a secret key of 32 bytes. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /** The signature (64 bytes) of a text. */
  sign(secretKey: Uint8Array, text: Uint8Array): Uint8Array;
  /** Whether the signature is one of that key; throws where the key is none. */
  verify(publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean;
}

/** Ed25519 by the runtime, or `undefined` where it has no synchronous one. */
export const nativeEd25519: NativeEd25519 | undefined = findEd25519();

/** SHA-256 by the runtime, of parts that are read as one run of bytes; `undefined` where it has no synchronous one. */
export const nativeLongSha256: ((parts: readonly Uint8Array[]) => Uint8Array) | undefined = findSha256();

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
interface NodeCrypto {
  createHash(algorithm: "sha256"): Digest;
  createPrivateKey(input: KeyInput): KeyObject;
  createPublicKey(input: KeyInput | KeyObject): KeyObject;
  sign(algorithm: null, text: Uint8Array, key: KeyObject): Uint8Array;
  verify(algorithm: null, text: Uint8Array, key: KeyObject, signature: Uint8Array): boolean;
}
interface Global {
  readonly process?: { getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined };
}

function findEd25519(): NativeEd25519 | undefined {
  const crypto = nodeCrypto();
  if (crypto?.sign === undefined) return undefined;
  // RFC 8410 §7 and §4: all of the DER encoding that precedes the 32 bytes of the key.
  const secretPrefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
  const publicPrefix = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
  const importSecret = (secretKey: Uint8Array): KeyObject => {
    const der = Uint8Array.from([...secretPrefix, ...secretKey]);
    const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    der.fill(0);
    return key;
  };
  const found: NativeEd25519 = {
    publicKey: (secretKey) =>
      fromBase64Url(crypto.createPublicKey(importSecret(secretKey)).export({ format: "jwk" }).x),
    sign: (secretKey, text) => new Uint8Array(crypto.sign(null, text, importSecret(secretKey))),
    verify(publicKey, text, signature) {
      const der = Uint8Array.from([...publicPrefix, ...publicKey]);
      const key = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
      return crypto.verify(null, text, key, signature);
    },
  };
  try {
    const secretKey = new Uint8Array(32);
    const [text, publicKey] = [new Uint8Array(1), found.publicKey(secretKey)];
    return found.verify(publicKey, text, found.sign(secretKey, text)) ? found : undefined;
  } catch {
    return undefined; // The module is there, but the curve is not.
  }
}

function findSha256(): typeof nativeLongSha256 {
  const crypto = nodeCrypto();
  if (crypto?.createHash === undefined) return undefined;
  return (parts) => {
    const digest = crypto.createHash("sha256");
    for (const part of parts) digest.update(part);
    return new Uint8Array(digest.digest());
  };
}

function nodeCrypto(): NodeCrypto | undefined {
  return (globalThis as Global).process?.getBuiltinModule?.("node:crypto");
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
}

/**
 * Base64 to bytes, with what every runtime has.
 *
 * @module
 */

/** `Uint8Array.fromBase64` (ECMAScript 2026) where it exists. */
const fromBase64 = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;

/** Decodes base64 with padding. */
export function base64Decode(text: string): Uint8Array<ArrayBuffer> {
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

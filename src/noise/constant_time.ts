/**
 * Comparison of secrets.
 *
 * @module
 */

/**
 * Whether the two hold the same bytes. The time depends on the lengths alone, never on where they differ.
 *
 * @example
 * ```ts
 * import { constantTimeEqual } from "@hawser/hawser/noise";
 *
 * console.log(constantTimeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 2]))); // true
 * ```
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

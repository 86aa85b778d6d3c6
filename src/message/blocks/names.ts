/**
 * How the fields of a block are called in the layouts that write names.
 *
 * @module
 */

/** The name of a field in snake_case, as Olocus writes it: `previousHash` is `previous_hash`. */
export function wordOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Peers that need more permissions than a bare `deno bench` has.
 *
 * @module
 */

const NEEDED: readonly Deno.PermissionName[] = ["read", "env", "ffi"];

/**
 * Loads a peer that reads files or native code; `undefined`, and a word about it, where that is not allowed.
 * Permissions are looked at, not asked for: a benchmark that stops to ask measures nothing.
 */
export async function loadPeer<T>(name: string, load: () => Promise<T>): Promise<T | undefined> {
  const isAllowed = NEEDED.every((permission) =>
    Deno.permissions.querySync({ name: permission }).state === "granted"
  );
  if (isAllowed) return await load();
  console.error(`${name} is left out: it needs permissions; deno task bench grants them`);
  return undefined;
}

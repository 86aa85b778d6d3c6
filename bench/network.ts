/**
 * Whether a benchmark may open sockets.
 *
 * `deno bench` alone gives no permissions: the pure benchmarks run, and those
 * of the network are ignored with one line that says how to run them.
 *
 * @module
 */

const { state } = await Deno.permissions.query({ name: "net" });

/** For the option `ignore` of `Deno.bench`: true where sockets may not be opened. */
export const networkIgnored: boolean = state !== "granted";

if (networkIgnored) console.error('benchmarks of the network are ignored; run "deno task bench" for all');

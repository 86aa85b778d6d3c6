/**
 * `shm://name`: message links over shared memory, between workers of one process.
 *
 * `name` is that of a port which {@linkcode registerPort} has given it, and which leads to the other worker: over it the
 * two agree on a `SharedArrayBuffer`, and learn of each other's end. All else goes through the memory: a ring for each
 * direction. An end that has nothing to do sleeps, and is woken within some microseconds.
 *
 * @example
 * ```ts
 * import { connect, listen, registerPort } from "@hawser/hawser";
 *
 * // The ends of a channel are usually in two workers; a Worker, and the scope inside it, are ports too.
 * const { port1, port2 } = new MessageChannel();
 * using _here = registerPort("shm-harbour", port1);
 * using _there = registerPort("shm-lighthouse", port2);
 *
 * await using server = await listen("shm://shm-harbour");
 * await using connection = await connect("shm://shm-lighthouse", { expect: server.id });
 * console.log(connection.traits.inMemory); // true
 * ```
 *
 * @module
 */

import type { Transport } from "../../link.ts";
import { dial, listen } from "./threads.ts";

/** The transport of `shm://`. */
export const shm: Transport = {
  schemes: ["shm"],
  dial: (address, { signal }) => dial(address, signal),
  listen: (address, _options, handler) => listen(address, handler),
};

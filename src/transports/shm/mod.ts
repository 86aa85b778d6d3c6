/**
 * `shm://name` and `shm:///run/app.sock`: message links over shared memory.
 *
 * Between workers of one process `name` is that of a port which {@linkcode registerPort} has given it, and which leads to
 * the other worker: over it the two agree on a `SharedArrayBuffer`.
 *
 * Between processes on Linux the path is that of a Unix socket, as with `unix://`: over it the listener invites to a
 * file of `/dev/shm`, which both map. Node needs the package `koffi` for it, and Deno `--allow-ffi`. The file is its
 * owner's alone; programs of one user can always end each other, so it is no wall between them.
 *
 * Port or socket also tell of the other side's end. All else goes through the memory: a ring for each direction. An end
 * that has nothing to do sleeps, and is woken within some microseconds.
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

import type { Address, Link, ListenHandler, Listening, Transport } from "../../link.ts";
import { preparePorts } from "../port/mod.ts";

interface Memory {
  dial(address: Address, signal: AbortSignal | undefined): Promise<Link>;
  listen(address: Address, handler: ListenHandler): Promise<Listening>;
}

/** The transport of `shm://`. */
export const shm: Transport = {
  schemes: ["shm"],
  dial: async (address, { signal }) => await (await memoryOf(address)).dial(address, signal),
  listen: async (address, _options, handler) => await (await memoryOf(address)).listen(address, handler),
};

async function memoryOf({ path }: Address): Promise<Memory> {
  if (path !== "") return await import("./processes.ts");
  await preparePorts();
  return await import("./threads.ts");
}

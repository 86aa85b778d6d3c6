/**
 * Shared memory between workers of one process: a `SharedArrayBuffer`, handed over by the port that leads there.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Link, ListenHandler, Listening } from "../../link.ts";
import { PortLink } from "../port/port_link.ts";
import { dialPort, listenOnPorts } from "../port/registered_ports.ts";
import { carrierOf, requirePorts } from "../port/web.ts";
import { runtime } from "../runtime.ts";
import { Region, REGION_BYTES } from "./region.ts";
import { ShmLink } from "./shm_link.ts";

/** Opens a link; see `Transport.dial`. */
export async function dial(address: Address, signal: AbortSignal | undefined): Promise<Link> {
  requireMemory(address);
  signal?.throwIfAborted();
  const { href: url, host } = address;
  const { port, memory } = await dialPort("shm", host, signal);
  const carrier = carrierOf(port, url);
  try {
    const region = new Region(checked(memory), "dialler");
    return new ShmLink({ region, carrier, isWithinProcess: true, free() {} }, url, url);
  } catch (error) {
    await carrier.close({ abort: true });
    throw error;
  }
}

/** Listens; see `Transport.listen`. */
// deno-lint-ignore require-await -- what is thrown here must reject
export async function listen(address: Address, handler: ListenHandler): Promise<Listening> {
  requireMemory(address);
  const { href: url, host } = address;
  const close = listenOnPorts("shm", host, (port) => {
    const memory = new SharedArrayBuffer(REGION_BYTES);
    Region.format(memory);
    const parts = {
      region: new Region(memory, "listener"),
      carrier: new PortLink(port, url, url),
      isWithinProcess: true,
      free() {},
    };
    handler.onLink(new ShmLink(parts, url, url));
    return memory;
  });
  return { url, close };
}

function requireMemory(address: Address): void {
  if (typeof SharedArrayBuffer === "undefined") {
    const advice = "a page needs the headers COOP and COEP for it, else use port://";
    throw new HawserError("unsupported", `${runtime} has no shared memory here: ${advice}`);
  }
  requirePorts(address);
}

function checked(memory: unknown): SharedArrayBuffer {
  if (memory instanceof SharedArrayBuffer && memory.byteLength === REGION_BYTES) return memory;
  throw new HawserError(
    "protocol",
    "the listener sent no shared memory; both sides must run the same Hawser",
  );
}

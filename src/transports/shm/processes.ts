/**
 * Shared memory between processes: a file of `/dev/shm`, to which the listener invites over a Unix socket.
 *
 * ```
 * listener   the name of the file: 32 hexadecimal digits
 * dialler    one byte: it has mapped the file
 * both       one byte whenever the other end must be woken
 * ```
 *
 * @module
 */

import { SHM_GREETING_MS_MAX } from "../../limits.ts";
import type { Address, Link, ListenHandler, Listening } from "../../link.ts";
import { randomBytes } from "../../random.ts";
import { unix } from "../unix/mod.ts";
import { GreetedCarrier } from "./greeted_carrier.ts";
import {
  createMemory,
  loadMapper,
  type Mapper,
  type Mapping,
  openMemory,
  removeMemory,
} from "./memory_file.ts";
import { Region, REGION_BYTES } from "./region.ts";
import { ShmLink } from "./shm_link.ts";

const NAME_BYTES = 32;
const MAPPED_BYTES = 1;

/** The address of an end without one: who dials has no file. */
const UNNAMED = "shm://";

/** Opens a link; see `Transport.dial`. */
export async function dial(address: Address, signal: AbortSignal | undefined): Promise<Link> {
  const mapper = await loadMapper();
  const carrier = new GreetedCarrier(await unix.dial(address, { signal }), NAME_BYTES);
  const onAbort = () => void carrier.close({ abort: true });
  signal?.addEventListener("abort", onAbort, { once: true });
  let mapping: Mapping | undefined;
  try {
    mapping = await openMemory(mapper, await carrier.greeting, REGION_BYTES);
    const region = new Region(mapping.memory, "dialler");
    signal?.throwIfAborted();
    carrier.send(new Uint8Array(MAPPED_BYTES));
    const parts = { region, carrier, isWithinProcess: false, free: mapping.unmap };
    return new ShmLink(parts, UNNAMED, address.href);
  } catch (error) {
    mapping?.unmap();
    await carrier.close({ abort: true });
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Listens; see `Transport.listen`. */
export async function listen(address: Address, handler: ListenHandler): Promise<Listening> {
  const mapper = await loadMapper();
  return await unix.listen(address, {}, {
    onLink: (carrier) => void invite(new GreetedCarrier(carrier, MAPPED_BYTES), mapper, address, handler),
    onDatagram() {},
    onClose: (error) => handler.onClose(error),
  });
}

async function invite(
  carrier: GreetedCarrier,
  mapper: Mapper,
  address: Address,
  handler: ListenHandler,
): Promise<void> {
  const name = Array.from(randomBytes(NAME_BYTES / 2), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const timer = setTimeout(() => carrier.close({ abort: true }), SHM_GREETING_MS_MAX);
  let mapping: Mapping | undefined;
  try {
    mapping = await createMemory(mapper, name, REGION_BYTES);
    Region.format(mapping.memory);
    carrier.send(new TextEncoder().encode(name));
    await carrier.greeting;
  } catch {
    // Without memory there is no link: who dialled is told by its end.
    mapping?.unmap();
    mapping = undefined;
    await carrier.close({ abort: true });
  }
  clearTimeout(timer);
  await removeMemory(name);
  if (mapping === undefined) return;
  const { memory, unmap } = mapping;
  const parts = { region: new Region(memory, "listener"), carrier, isWithinProcess: false, free: unmap };
  handler.onLink(new ShmLink(parts, address.href, UNNAMED));
}

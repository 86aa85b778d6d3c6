/**
 * One event, and many who want it: a publisher, a server that passes it on, and subscribers in one process.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Figures, figures } from "./loads.ts";
import type { Contender, FanoutWork } from "./measures.ts";
import type { Network, Pipe } from "./pipe.ts";

/** Publishes a text to all subscribers. */
export type Publish = (text: string) => void;

/** What passes events on. */
export interface Rooms {
  /** Listens on loopback, and returns the address to dial. */
  serve(): Promise<string>;
  /** Opens a connection that gets every event. */
  subscribe(address: string, onEvent: (text: string) => void): Promise<void>;
  /** Opens a connection that publishes. */
  publisher(address: string): Promise<Publish>;
}

const DIALS_AT_ONCE = 32;
const PROOF_MS_MAX = 10_000;
const PROOF_POLL_MS = 50;

/** The rooms of a contender. Only what takes part is loaded. */
export async function roomsOf(contender: Contender, { scheme }: FanoutWork): Promise<Rooms> {
  switch (contender) {
    case "hawser":
      return (await import("./hawser_topics.ts")).hawserTopics(scheme);
    case "socket.io":
      return (await import("./peers/socket_io_rooms.ts")).rooms;
    default: {
      const { rawNetworks } = await import("./raw/mod.ts");
      return bareRooms((await rawNetworks())[scheme]!);
    }
  }
}

/** Opens all subscribers and the publisher, proves that an event reaches everybody, and measures round by round. */
export async function fanoutDriver(
  rooms: Rooms,
  address: string,
  { subscribers, inFlight }: FanoutWork,
  next: () => Uint8Array,
): Promise<(ms: number) => Promise<Figures>> {
  const proofs = new Set<string>();
  let isProved = false;
  let received = 0;
  let others = 0;
  let onAll = () => {};
  let wanted = Infinity;
  const onEvent = (text: string) => {
    if (!isProved && !proofs.has(text)) others++;
    if (++received >= wanted) onAll();
  };
  for (let open = 0; open < subscribers; open += DIALS_AT_ONCE) {
    const some = Array.from({ length: Math.min(DIALS_AT_ONCE, subscribers - open) });
    await Promise.all(some.map(() => rooms.subscribe(address, onEvent)));
  }
  const publish = await rooms.publisher(address);
  const text = () => Buffer.from(next()).toString("latin1");

  // The last subscribers may not be known to the server yet: one event after the other, until one reaches everybody.
  const proofEnd = performance.now() + PROOF_MS_MAX;
  for (received = 0; received < subscribers; received = received < subscribers ? 0 : received) {
    if (performance.now() > proofEnd) throw new Error(`an event reached ${received} of ${subscribers}`);
    const proof = text();
    proofs.add(proof);
    publish(proof);
    await new Promise((resolve) => setTimeout(resolve, PROOF_POLL_MS + subscribers / 4));
  }
  if (others > 0) throw new Error("other events arrived than were published, so nothing is timed");
  isProved = true;

  return async (ms) => {
    received = 0;
    let published = 0;
    const start = performance.now();
    while (true) {
      const isOver = performance.now() - start >= ms;
      const flying = published - Math.floor(received / subscribers);
      if (isOver && flying <= 0) return figures(received, performance.now() - start);
      for (let count = isOver ? inFlight : flying; count < inFlight; count++) {
        publish(text());
        published++;
      }
      // Goes on when half of them have arrived.
      wanted = (published - (isOver ? 0 : inFlight >> 1)) * subscribers;
      if (received < wanted) await new Promise<void>((resolve) => onAll = resolve);
    }
  };
}

/** The control: what one sends, all others get, and nothing else is done. */
function bareRooms(network: Network): Rooms {
  return {
    serve() {
      const pipes = new Set<Pipe>();
      return network.serve((pipe) => {
        pipes.add(pipe);
        pipe.receive((bytes) => {
          for (const other of pipes) if (other !== pipe) void other.send(bytes);
        });
      });
    },
    async subscribe(address, onEvent) {
      const pipe = await network.dial(address);
      pipe.receive((bytes) => onEvent(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()));
    },
    async publisher(address) {
      const pipe = await network.dial(address);
      pipe.receive(() => {});
      return (text) => void pipe.send(Buffer.from(text));
    },
  };
}

/**
 * A stretch of bad network in user space: forwards datagrams between diallers and one listener, late, out of order, twice.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { Random } from "../simulation/random.ts";

/** What the relay does to each datagram. Probabilities are per datagram. */
export interface RelayWeather {
  readonly seed: number;
  /** Each waits a time of its own between these: so they overtake each other. */
  readonly delayMs: readonly [least: number, most: number];
  readonly loss: number;
  readonly duplication: number;
}

/** A relay in this process. */
export interface UdpRelay extends AsyncDisposable {
  /** Where to send to, in place of the listener's own port. */
  readonly port: number;
  /** What it did so far. */
  readonly counts: { forwarded: number; lost: number; doubled: number; overtaken: number };
}

const HOST = "127.0.0.1";

/** Forwards to `port` of loopback, whatever comes, and the answers back to whom they are for. */
export async function relayTo(
  port: number,
  { seed, delayMs, loss, duplication }: RelayWeather,
): Promise<UdpRelay> {
  const random = new Random(seed);
  const counts = { forwarded: 0, lost: 0, doubled: 0, overtaken: 0 };
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const front = createSocket("udp4");
  /** One socket for each dialler, so that the listener tells them apart. */
  const backs = new Map<number, Socket>();
  let number = 0;
  let newest = 0;

  const later = (forward: () => void) => {
    const mine = ++number;
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (mine < newest) counts.overtaken++;
      newest = Math.max(newest, mine);
      counts.forwarded++;
      forward();
    }, delayMs[0] + random.next() * (delayMs[1] - delayMs[0]));
    timers.add(timer);
  };
  const carry = (forward: () => void) => {
    if (random.chance(loss)) return void counts.lost++;
    later(forward);
    if (!random.chance(duplication)) return;
    counts.doubled++;
    later(forward);
  };
  const backFor = (dialler: number): Socket => {
    const known = backs.get(dialler);
    if (known !== undefined) return known;
    const back = createSocket("udp4");
    back.on("message", (bytes) => carry(() => front.send(bytes, dialler, HOST)));
    back.on("error", () => {}); // Whoever has gone is no fault of the network.
    backs.set(dialler, back);
    return back;
  };
  front.on("error", () => {});
  front.on("message", (bytes, { port: dialler }) => {
    const back = backFor(dialler);
    carry(() => back.send(bytes, port, HOST));
  });
  await new Promise<void>((resolve) => front.bind(0, HOST, resolve));
  return {
    port: front.address().port,
    counts,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      const sockets = [front, ...backs.values()];
      await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
    },
  };
}

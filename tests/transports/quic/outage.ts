/**
 * A network that can fail: forwards datagrams between one dialler and one listener, until it is told to drop them.
 *
 * @module
 */

import { createSocket } from "node:dgram";

const HOST = "127.0.0.1";

/** A relay in this process. */
export interface Outage extends AsyncDisposable {
  /** Where to send to, in place of the listener's own port. */
  readonly port: number;
  /** Whether everything is dropped. */
  down: boolean;
  /** Datagrams that came from the dialler, dropped or not. */
  sent: number;
}

/** Forwards to `target` of loopback, and the answers back to who spoke last. */
export async function outageBefore(target: number): Promise<Outage> {
  const [front, back] = [createSocket("udp4"), createSocket("udp4")];
  let dialler = 0;
  for (const socket of [front, back]) socket.on("error", () => {}); // Whoever has gone is no fault of the network.
  front.on("message", (bytes, { port }) => {
    dialler = port;
    outage.sent++;
    if (!outage.down) back.send(bytes, target, HOST);
  });
  back.on("message", (bytes) => {
    if (!outage.down) front.send(bytes, dialler, HOST);
  });
  await new Promise<void>((resolve) => front.bind(0, HOST, resolve));
  const outage = {
    port: front.address().port,
    down: false,
    sent: 0,
    async [Symbol.asyncDispose]() {
      await Promise.all([front, back].map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
    },
  };
  return outage;
}

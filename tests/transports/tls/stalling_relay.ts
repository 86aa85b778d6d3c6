/**
 * A relay of TCP that stops reading when it is told: Deno's `node:tls` reads on, so a server of its own cannot.
 *
 * @module
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** One relay before one server. */
export class StallingRelay {
  /** Where it listens. */
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #sockets: Socket[];

  private constructor(port: number, servers: readonly Server[], sockets: Socket[]) {
    this.port = port;
    this.#servers = servers;
    this.#sockets = sockets;
  }

  /** Binds `server`, and a relay before it. */
  static async before(server: Server): Promise<StallingRelay> {
    const port = await listen(server);
    const sockets: Socket[] = [];
    const relay = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on("error", () => {});
      near.on("data", (piece) => far.write(piece));
      far.on("data", (piece) => near.write(piece));
      near.on("close", () => far.destroy());
    });
    return new StallingRelay(await listen(relay), [relay, server], sockets);
  }

  /** Reads nothing more of the first client. */
  stall(): void {
    this.#sockets[0].pause();
  }

  /** Reads on. */
  resume(): void {
    this.#sockets[0].resume();
  }

  /** Ends all. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((one) => new Promise((resolve) => one.close(resolve))));
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

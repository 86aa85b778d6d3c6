/**
 * Two ends of one connection within a process, over a real socket.
 *
 * @module
 */

import { connect, type Connection, type ConnectOptions, listen, type ListenOptions } from "../../mod.ts";

/** Both ends; the connection ends with it. */
export interface Pair extends AsyncDisposable {
  /** Who dialled. */
  readonly here: Connection;
  /** Who listened. */
  readonly there: Connection;
}

/** Connects over TCP on loopback. */
export async function pair(
  options: ConnectOptions & ListenOptions = {},
  url = "tcp://127.0.0.1:0",
): Promise<Pair> {
  const server = await listen(url, options);
  const accepted = server.accept();
  const here = await connect(server.urls, options);
  const there = await accepted;
  return {
    here,
    there,
    async [Symbol.asyncDispose]() {
      await here.close();
      await server.close();
    },
  };
}

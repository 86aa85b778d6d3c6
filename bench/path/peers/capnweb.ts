/**
 * Cap'n Web over WebSocket: a message is a call, its answer the result.
 *
 * @module
 */

import { RpcTarget } from "capnweb";
import type { Network, Pipe, PipeHandler } from "../pipe.ts";
import { dialRpc, serveRpc } from "./capnweb_sockets.ts";

/** What the server offers: what is sent while a call is handled is its result. */
class Echo extends RpcTarget implements Pipe {
  #handler: PipeHandler = () => {};
  #answer: Uint8Array = new Uint8Array(0);

  echo(bytes: Uint8Array): Uint8Array {
    void this.#handler(bytes);
    return this.#answer;
  }

  send(bytes: Uint8Array): void {
    this.#answer = bytes;
  }

  receive(handler: PipeHandler): void {
    this.#handler = handler;
  }
}

/** Cap'n Web, for echoes. */
export const network: Network = {
  serve(onPipe) {
    return serveRpc(() => {
      const echo = new Echo();
      onPipe(echo);
      return echo;
    });
  },
  async dial(address) {
    const server = await dialRpc<Echo>(address);
    let handler: PipeHandler = () => {};
    return {
      send: (bytes) => void server.echo(bytes).then((answer) => handler(answer)),
      receive: (given) => void (handler = given),
    };
  },
};

// Real sockets on the loopback interface, on whichever runtime runs this file.

import { createHash } from "node:crypto";
import { ws } from "../../src/transports/ws/mod.ts";
import { RawWebSocketServer } from "./raw_web_socket.ts";
import { linkSuite, type StalledPeer } from "./suite.ts";

linkSuite({ transport: ws, url: "ws://127.0.0.1:0/", deadUrl: "ws://127.0.0.1:1/", stalledPeer });

async function stalledPeer(): Promise<StalledPeer> {
  const server = await RawWebSocketServer.listen(["Sec-WebSocket-Protocol: hawser-v1"]);
  return {
    url: server.url,
    async read(total) {
      const client = await server.client;
      client.socket.resume();
      const hash = createHash("sha256");
      for (let count = 0; count < total;) {
        const { payload } = await client.next();
        hash.update(payload);
        count += payload.length;
      }
      return hash.digest("hex");
    },
    // deno-lint-ignore require-await -- the interface is asynchronous
    async [Symbol.asyncDispose]() {
      server[Symbol.dispose]();
    },
  };
}

// Real sockets on the loopback interface, on whichever runtime runs this file.

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tcp } from "../../src/transports/tcp/mod.ts";
import { linkSuite, type StalledPeer } from "./suite.ts";

linkSuite({ transport: tcp, url: "tcp://127.0.0.1:0", deadUrl: "tcp://127.0.0.1:1", stalledPeer });

async function stalledPeer(): Promise<StalledPeer> {
  let socket: Socket | undefined;
  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    socket = accepted;
    accepted.on("error", () => {}); // The test ends the link as it likes.
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
    read(total) {
      const hash = createHash("sha256");
      return new Promise((resolve) => {
        let count = 0;
        socket!.on("data", (bytes) => {
          hash.update(bytes);
          count += bytes.length;
          if (count === total) resolve(hash.digest("hex"));
        });
        socket!.resume();
      });
    },
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

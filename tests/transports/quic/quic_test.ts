// What every link must do, over real QUIC on the loopback interface, on whichever runtime runs this file.

import { createHash } from "node:crypto";
import { parseAddress } from "../../../src/transports/address.ts";
import { currentRuntime } from "../../runtimes/runtimes.ts";
import { LinkHost } from "../link_host.ts";
import { linkSuite, type StalledPeer } from "../suite.ts";
import { transport } from "./credentials.ts";
import { outageBefore } from "./outage.ts";

linkSuite({
  transport,
  url: "quic://127.0.0.1:0",
  deadUrl: "quic://127.0.0.1:1",
  // Deno cannot see that nobody listens.
  deadCode: currentRuntime() === "deno" ? "timeout" : "connection-refused",
  stalledPeer,
});

// Bun takes all that comes whether anybody reads it or not, so what stops is the network.
async function stalledPeer(): Promise<StalledPeer> {
  const host = await LinkHost.listen(transport, "quic://127.0.0.1:0");
  const outage = await outageBefore(parseAddress(host.url).port);
  const hash = createHash("sha256");
  const { promise: digest, resolve } = Promise.withResolvers<string>();
  let total = Infinity;
  let count = 0;
  const finish = () => count === total && resolve(hash.digest("hex"));
  const accepted = host.accept();
  void accepted.then((link) => {
    outage.down = true;
    link.start({
      onReceive(bytes) {
        hash.update(bytes);
        count += bytes.length;
        finish();
      },
      onDrain() {},
      onClose() {},
    });
  });
  return {
    url: `quic://127.0.0.1:${outage.port}`,
    read(bytes) {
      total = bytes;
      outage.down = false;
      finish();
      return digest;
    },
    async [Symbol.asyncDispose]() {
      // A link that was given up at once may never have been heard of.
      void accepted.then((link) => link.close({ abort: true }));
      await Promise.all([host.close(), outage[Symbol.asyncDispose]()]);
    },
  };
}

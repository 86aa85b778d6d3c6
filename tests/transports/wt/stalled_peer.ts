/**
 * A peer of WebTransport that reads nothing until told.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Transport } from "../../../src/link.ts";
import { parseAddress } from "../../../src/transports/address.ts";
import { LinkHost } from "../link_host.ts";
import { outageBefore } from "../quic/outage.ts";
import type { StalledPeer } from "../suite.ts";

/** Listens behind a network that stops: so nothing depends on how much a runtime takes of what nobody reads. */
export async function stalledPeer(transport: Transport): Promise<StalledPeer> {
  const host = await LinkHost.listen(transport, "wt://127.0.0.1:0/hawser");
  const port = parseAddress(host.url).port;
  const outage = await outageBefore(port);
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
    url: host.url.replace(`:${port}`, `:${outage.port}`),
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

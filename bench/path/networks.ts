/**
 * What a contender carries its messages over. Only what takes part is loaded.
 *
 * @module
 */

import type { Network } from "./pipe.ts";
import type { IdleWork, PathWork } from "./measures.ts";
import type { Task } from "./task.ts";

/**
 * The network of a task's contender.
 * @throws {Error} where it has none.
 */
export async function networkOf({ contender, compress }: Task, work: PathWork | IdleWork): Promise<Network> {
  switch (contender) {
    case "hawser": {
      const { hawser } = await import("./hawser.ts");
      const isStream = work.kind === "path" && work.isStream === true;
      if (isStream) return (await import("./hawser_streams.ts")).hawserStreams(work.scheme, { compress });
      const { plain = false, resume = false } = work.kind === "path" ? work : {};
      return hawser(work.scheme, { compress, plain, resume });
    }
    case "without resume":
    case "messages":
      return (await import("./hawser.ts")).hawser(work.scheme, { compress, plain: false });
    case "raw": {
      const { rawNetworks } = await import("./raw/mod.ts");
      const network = (await rawNetworks())[work.scheme];
      if (network === undefined) throw new Error(`this runtime has no ${work.scheme} of its own`);
      return network;
    }
    case "socket.io":
      return (await import("./peers/socket_io.ts")).network;
    case "capnweb":
      return (await import("./peers/capnweb.ts")).network;
    case "js-libp2p":
      return (await import("./peers/libp2p.ts")).network;
    default:
      throw new Error(`${contender} has no network`);
  }
}

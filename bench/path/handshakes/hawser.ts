/**
 * Hawser's handshake as a server runs it: a session from its making to the packet that lets the peer in, with
 * versions, capabilities and the keys of both lanes.
 *
 * @module
 */

import { pickCodec } from "../../../src/codec/pick.ts";
import { createIdentity } from "../../../src/connection/identity.ts";
import { sessionConfig } from "../../../src/connection/options.ts";
import { SLAB_BYTES } from "../../../src/limits.ts";
import { Session, type SessionConfig, Slab } from "../../../src/session/mod.ts";
import { batchesOf, type CreateBatch, type Side } from "./responding.ts";

// Far from any deadline.
const NOW = 0;

/** Handshakes of whole sessions on a stream. */
export function createBatches(): CreateBatch {
  const codec = pickCodec();
  const configs = (["initiator", "responder"] as const).map((role): SessionConfig => ({
    ...sessionConfig({ identity: createIdentity() }, role, codec, { patterns: ["XX"] }),
    traits: { kind: "stream", mtu: Infinity },
  }));
  const slab = new Slab(SLAB_BYTES);
  return batchesOf((initiator) => sideOf(new Session(configs[initiator ? 0 : 1], NOW), slab));
}

function sideOf(session: Session, slab: Slab): Side {
  let peer = "";
  const write = (): Uint8Array => {
    slab.reserve(session.packetBytesMax);
    return slab.take(session.transmit(slab.target, slab.at, NOW));
  };
  return {
    write,
    read(packet) {
      session.handleReceive(packet, NOW);
      for (let event = session.takeEvent(); event !== undefined; event = session.takeEvent()) {
        if (event.type !== "peer") continue;
        peer = event.peer.id;
        session.accept(NOW);
      }
      if (session.state === "open" && session.packetBytesMax > 0) return write();
    },
    end() {
      // The initiator is only let in by a sealed packet that opens, so the keys are the same.
      if (session.state !== "open" || peer === "") throw new Error(`the session is ${session.state}`);
      return "open";
    },
  };
}

/**
 * The handshake of `@chainsafe/libp2p-noise`, which signs its static key with the identity's and checks the peer's
 * signature. Its messages are handed over in memory, without a socket.
 *
 * @module
 */

import { noise } from "@chainsafe/libp2p-noise";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { noiseCrypto } from "../peers/libp2p.ts";
import type { CreateBatch } from "./responding.ts";

type Components = Parameters<ReturnType<typeof noise>>[0];
type Noise = ReturnType<ReturnType<typeof noise>>;
type Connection = Parameters<Noise["secureInbound"]>[0];
type Secured = ReturnType<Noise["secureInbound"]>;
type Data = Parameters<Connection["send"]>[0];

const OPTIONS = { skipStreamMuxerNegotiation: true };

const log = Object.assign(() => {}, { enabled: false, error() {}, trace() {}, newScope: () => log });

/** One end of a wire whose messages wait until they are handed over. */
class Wire extends EventTarget {
  readonly status = "open";
  readonly readStatus = "readable";
  readonly writeStatus = "writable";
  readonly remoteReadStatus = "readable";
  readonly remoteWriteStatus = "writable";
  readonly inactivityTimeout = Infinity;
  readonly timeline = { open: 0 };
  readonly log = log;
  #sent: PromiseWithResolvers<Data> = Promise.withResolvers();

  send(data: Data): boolean {
    this.#sent.resolve(data);
    return true;
  }

  // libp2p looks whether they are there.
  close(): void {}
  push(): void {}

  /** The next message that is sent here. */
  async next(): Promise<Data> {
    const data = await this.#sent.promise;
    this.#sent = Promise.withResolvers();
    return data;
  }

  deliver(data: Data): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  asConnection(): Connection {
    return this as unknown as Connection;
  }
}

/** Handshakes of libp2p-noise. */
export async function createBatches(): Promise<CreateBatch> {
  const [us, them] = [await createSide(), await createSide()];
  return (count) => {
    const wires = Array.from({ length: count }, () => [new Wire(), new Wire()] as const);
    const nexts = (side: 0 | 1) => Promise.all(wires.map((pair) => pair[side].next()));
    let initiators: Secured[] = [];
    let responders: Secured[] = [];
    let messages: Data[] = [];
    return {
      async initiate() {
        if (initiators.length > 0) wires.forEach(([wire], at) => wire.deliver(messages[at]));
        else initiators = wires.map(([wire]) => them.secureOutbound(wire.asConnection(), OPTIONS));
        messages = await nexts(0);
      },
      async respond() {
        const isLast = responders.length > 0;
        if (!isLast) responders = wires.map(([, wire]) => us.secureInbound(wire.asConnection(), OPTIONS));
        wires.forEach(([, wire], at) => wire.deliver(messages[at]));
        if (isLast) await Promise.all(responders);
        else messages = await nexts(1);
      },
      async end() {
        const [ours, theirs] = [await Promise.all(responders), await Promise.all(initiators)];
        const [id, theirId] = [theirs[0].remotePeer, ours[0].remotePeer];
        const isKnown = ours.every(({ remotePeer }) => remotePeer.equals(theirId)) &&
          theirs.every(({ remotePeer }) => remotePeer.equals(id));
        if (!isKnown || id.equals(theirId)) throw new Error("the two sides disagree");
      },
    };
  };
}

async function createSide(): Promise<Noise> {
  const components = {
    privateKey: await generateKeyPair("Ed25519"),
    logger: { forComponent: () => log },
    upgrader: { getStreamMuxers: () => new Map() },
  };
  return noise({ crypto: noiseCrypto })(components as unknown as Components);
}

/**
 * js-libp2p over TCP, secured by Noise and multiplexed by Yamux, with one stream that carries everything.
 *
 * @module
 */

import { noise } from "@chainsafe/libp2p-noise";
import { asCrypto, defaultCrypto } from "@chainsafe/libp2p-noise/crypto";
import { yamux } from "@chainsafe/libp2p-yamux";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { currentRuntime } from "../../../tests/runtimes/runtimes.ts";
import type { Network, Pipe } from "../pipe.ts";

const PROTOCOL = "/bench/1";

/**
 * Its default, WebAssembly for short texts and native for long ones; WebAssembly alone on Bun, whose `node:crypto` has
 * no ChaCha20-Poly1305.
 */
export const noiseCrypto: typeof defaultCrypto = currentRuntime() === "bun"
  ? { ...defaultCrypto, ...asCrypto }
  : defaultCrypto;

type Node = Awaited<ReturnType<typeof createNode>>;
type Stream = Awaited<ReturnType<Node["dialProtocol"]>>;

/** js-libp2p with tcp, noise and yamux. */
export const network: Network = {
  async serve(onPipe) {
    const node = await createNode(["/ip4/127.0.0.1/tcp/0"]);
    await node.handle(PROTOCOL, (stream: Stream) => onPipe(pipeOf(stream)));
    return String(node.getMultiaddrs()[0]);
  },
  async dial(address) {
    const node = await createNode([]);
    return pipeOf(await node.dialProtocol(multiaddr(address), PROTOCOL));
  },
};

function createNode(listen: string[]) {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise({ crypto: noiseCrypto })],
    streamMuxers: [yamux()],
  });
}

function pipeOf(stream: Stream): Pipe {
  return {
    send: (bytes) => stream.send(bytes) ? undefined : stream.onDrain(),
    receive(handler) {
      stream.addEventListener("message", ({ data }) => {
        // A list iterates over its pieces; to join them would cost a copy that nobody asked for.
        if (data instanceof Uint8Array) return void handler(data);
        for (const piece of data) void handler(piece);
      });
    },
  };
}

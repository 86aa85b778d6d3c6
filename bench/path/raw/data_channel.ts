/**
 * A data channel of node-datachannel on every runtime. Offer, answer and candidates travel over a TCP socket.
 *
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { type DataChannel, PeerConnection } from "node-datachannel";
import type { Network, Pipe } from "../pipe.ts";

const HOST = "127.0.0.1";
const BUFFERED_HIGH = 256 * 1024;
const BUFFERED_LOW = 64 * 1024;

/** What the two sides tell each other, a line each. */
type Word = { readonly sdp: string; readonly type: "offer" | "answer" } | {
  readonly candidate: string;
  readonly mid: string;
};

/** The bare network. */
export const dataChannel: Network = {
  async serve(onPipe) {
    const server = createServer((socket) => {
      peerOver(socket).onDataChannel((channel) => onPipe(channelPipe(channel)));
    });
    server.listen({ host: HOST, port: 0 });
    await once(server, "listening");
    return String((server.address() as AddressInfo).port);
  },
  async dial(address) {
    const socket = connect({ host: HOST, port: Number(address) });
    await once(socket, "connect");
    const channel = peerOver(socket).createDataChannel("bench");
    await new Promise<void>((resolve) => channel.onOpen(resolve));
    return channelPipe(channel);
  },
};

function peerOver(socket: Socket): PeerConnection {
  const peer = new PeerConnection("", { iceServers: [] });
  const say = (word: Word) => void socket.write(`${JSON.stringify(word)}\n`);
  peer.onLocalDescription((sdp, type) => say({ sdp, type: type as "offer" | "answer" }));
  peer.onLocalCandidate((candidate, mid) => say({ candidate, mid }));
  createInterface({ input: socket }).on("line", (line) => {
    const word: Word = JSON.parse(line);
    if ("sdp" in word) peer.setRemoteDescription(word.sdp, word.type);
    else peer.addRemoteCandidate(word.candidate, word.mid);
  });
  return peer;
}

function channelPipe(channel: DataChannel): Pipe {
  let low: PromiseWithResolvers<void> | undefined;
  channel.setBufferedAmountLowThreshold(BUFFERED_LOW);
  channel.onBufferedAmountLow(() => low?.resolve());
  return {
    send(bytes) {
      channel.sendMessageBinary(bytes);
      if (channel.bufferedAmount() < BUFFERED_HIGH) return;
      low = Promise.withResolvers();
      return low.promise;
    },
    receive: (handler) =>
      channel.onMessage((message) => void handler(new Uint8Array(message as ArrayBuffer))),
  };
}

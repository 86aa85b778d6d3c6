/**
 * One stream of Bun's `node:quic`: one write per message.
 *
 * @module
 */

import { createPrivateKey } from "node:crypto";
import {
  type BunQuicEndpoint,
  type BunQuicStream,
  loadBunQuic,
} from "../../../src/transports/quic/bun_quic.ts";
import { addressWith, credentials, partsOf } from "../credentials.ts";
import type { Network, Pipe } from "../pipe.ts";

const HOST = "127.0.0.1";
const STREAM_BYTES_HIGH = 256 * 1024;
const WINDOW_BYTES = 4 * 1024 * 1024;
const ROOM_MS = 1;

const encoder = new TextEncoder();

/** The bare network. */
export const quic: Network = {
  async serve(onPipe) {
    const { cert, key, ca } = await credentials();
    const endpoint = openEndpoint();
    await loadBunQuic().listen((session) => {
      session.onstream = (stream) => onPipe(streamPipe(stream));
    }, {
      ...optionsOf(endpoint),
      sni: { "*": { keys: [createPrivateKey(key)], certs: [encoder.encode(cert)] } },
    });
    return addressWith(String(endpoint.address!.port), ca);
  },
  async dial(place) {
    const { address, certPem } = partsOf(place);
    const session = await loadBunQuic().connect({ address: HOST, port: Number(address), family: "ipv4" }, {
      ...optionsOf(openEndpoint()),
      servername: "localhost",
      ca: [encoder.encode(certPem)],
      verifyPeer: "manual",
    });
    await session.opened;
    return streamPipe(await session.createBidirectionalStream({ highWaterMark: STREAM_BYTES_HIGH }));
  },
};

function openEndpoint(): BunQuicEndpoint {
  return new (loadBunQuic().QuicEndpoint)({
    address: { address: HOST, port: 0, family: "ipv4" },
    maxConnectionsPerHost: 16,
    maxConnectionsTotal: 16,
  });
}

function optionsOf(endpoint: BunQuicEndpoint) {
  return {
    alpn: "bench",
    endpoint,
    enableEarlyData: false,
    keepAlive: undefined,
    handshakeTimeout: 5_000,
    transportParams: {
      initialMaxData: WINDOW_BYTES,
      initialMaxStreamDataBidiLocal: WINDOW_BYTES,
      initialMaxStreamDataBidiRemote: WINDOW_BYTES,
      initialMaxStreamsBidi: 16,
    },
    onerror() {},
  } as const;
}

function streamPipe(stream: BunQuicStream): Pipe {
  const { writer } = stream;
  stream.highWaterMark = STREAM_BYTES_HIGH;
  stream.closed.catch(() => {});
  return {
    async send(bytes) {
      // Its promise to write later ends in an error when it is full.
      while (!writer.writeSync(bytes)) await new Promise((resolve) => setTimeout(resolve, ROOM_MS));
    },
    async receive(handler) {
      for await (const pieces of stream) {
        for (const piece of pieces) void handler(piece);
      }
    },
  };
}

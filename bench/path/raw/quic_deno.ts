/**
 * One stream of `Deno.connectQuic`: one awaited write per message.
 *
 * @module
 */

import { addressWith, credentials, partsOf } from "../credentials.ts";
import type { Network, Pipe } from "../pipe.ts";

const HOST = "127.0.0.1";
const ALPN = { alpnProtocols: ["bench"] };

/** The bare network. */
export const quic: Network = {
  async serve(onPipe) {
    const { cert, key, ca } = await credentials();
    const endpoint = new Deno.QuicEndpoint({ hostname: HOST, port: 0 });
    void accept(endpoint.listen({ ...ALPN, cert, key }), onPipe);
    return addressWith(String(endpoint.addr.port), ca);
  },
  async dial(place) {
    const { address, certPem } = partsOf(place);
    const conn = await Deno.connectQuic({
      ...ALPN,
      hostname: HOST,
      port: Number(address),
      serverName: "localhost",
      caCerts: [certPem!],
    });
    return streamPipe(await conn.createBidirectionalStream());
  },
};

async function accept(listener: Deno.QuicListener, onPipe: (pipe: Pipe) => void): Promise<void> {
  for await (const incoming of listener) {
    const conn = await incoming.accept();
    for await (const stream of conn.incomingBidirectionalStreams) onPipe(streamPipe(stream));
  }
}

function streamPipe({ readable, writable }: Deno.QuicBidirectionalStream): Pipe {
  const writer = writable.getWriter();
  return {
    send: (bytes) => writer.write(bytes as Uint8Array<ArrayBuffer>),
    async receive(handler) {
      for await (const bytes of readable) {
        const done = handler(bytes);
        if (done !== undefined) await done;
      }
    },
  };
}

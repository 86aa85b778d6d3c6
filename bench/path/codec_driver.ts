/**
 * What the codec alone allows: each message is sealed as one packet and opened again, on one core, without a network.
 *
 * @module
 */

import { createCodec } from "../../src/codec/mod.ts";
import { PACKET_BYTES_MAX, PACKET_OVERHEAD_MAX } from "../../src/limits.ts";
import { type Figures, figures } from "./loads.ts";

const KEY = new Uint8Array(32).fill(7);

/** Returns a function that seals and opens for so many milliseconds. `next` gives messages of up to one packet. */
export function codecDriver(next: () => Uint8Array, compress: boolean): (ms: number) => Figures {
  const codec = createCodec({ kind: "wasm" });
  const sealer = codec.createSealer({ key: KEY, lane: 0, datagram: false });
  const opener = codec.createOpener({ key: KEY, lane: 0, datagram: false });
  const reader = codec.createReader({ datagram: false, packetBytesMax: PACKET_BYTES_MAX });
  return (ms) => {
    const start = performance.now();
    let messages = 0;
    for (; performance.now() - start < ms; messages++) {
      const message = next();
      codec.plaintext.set(message);
      const packet = new Uint8Array(message.length + PACKET_OVERHEAD_MAX);
      const length = sealer.seal(message.length, { compress }, packet, 0);
      reader.push(packet.subarray(0, length));
      reader.next();
      reader.open(opener);
      codec.opened.slice(0, message.length);
    }
    return figures(messages, performance.now() - start);
  };
}

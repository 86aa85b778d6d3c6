/**
 * Holds the WebAssembly core against the reference on random conversations for as long as asked, and seals ten
 * million packets of which no two may have the same nonce.
 *
 * ```sh
 * deno task fuzz:codec --minutes 10
 * deno task fuzz:codec --minutes 1 --seed 1234    # the run that failed
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { freshCodecs, freshWasmCodecs } from "../tests/codec/codecs.ts";
import { Differential } from "../tests/codec/differential.ts";
import { repeatedKeyStreams } from "../tests/codec/nonces.ts";
import { Random } from "../tests/simulation/random.ts";

const NONCES = 10_000_000;
const PACKETS_PER_CONVERSATION = 500;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error("--minutes takes a number above 0, --seed a whole number");
  Deno.exit(2);
}
console.log(`seed ${seed}`);

for (const { name, codec } of freshWasmCodecs()) {
  const repeated = repeatedKeyStreams(codec, NONCES, (epoch) => new Random(seed + epoch).bytes(32));
  console.log(`${name}: ${repeated} nonces repeated in ${NONCES.toLocaleString("en")} packets`);
  if (repeated > 0) Deno.exit(1);
}

const random = new Random(seed);
const codecs = freshCodecs().map(({ codec }) => codec);
const end = performance.now() + minutes * 60_000;
let packets = 0;
while (performance.now() < end) {
  const differential = new Differential(codecs, random);
  differential.run(PACKETS_PER_CONVERSATION);
  differential.dispose();
  packets += differential.exchanged;
}
console.log(`${packets.toLocaleString("en")} packets, the same on ${codecs.length} codecs`);

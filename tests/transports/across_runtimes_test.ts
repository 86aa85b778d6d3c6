// This runtime dials a listener of each other one, which echoes.

import { test } from "node:test";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { parseAddress } from "../../src/transports/address.ts";
import { transportFor } from "../../src/transports/registry.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";
import { Meter } from "./link_host.ts";
import { pattern, sendAll } from "./suite.ts";

const PIECES = 64;
const PIECE_BYTES = 16_384;

for (const { name } of runtimes.filter(({ name }) => name !== currentRuntime())) {
  const file = `unix://${tmpdir()}/hawser-across-${process.pid}-${name}.sock`;
  for (const url of ["tcp://127.0.0.1:0", "tcp://[::1]:0", "ws://127.0.0.1:0/across", file]) {
    test(`${url}: ${currentRuntime()} dials ${name}`, async () => {
      await using peer = spawnRuntime(name, "tests/transports/fixtures/link_echo.ts", [url]);
      const address = parseAddress(await peer.nextLine());
      const link = await (await transportFor(address.scheme)).dial(address, {});
      const meter = new Meter();
      link.start(meter);
      const pieces = Array.from({ length: PIECES }, (_, index) => pattern(PIECE_BYTES, index));
      const hash = createHash("sha256");
      for (const piece of pieces) hash.update(piece);
      await sendAll(link, meter, pieces);
      await meter.reached(PIECES * PIECE_BYTES);
      assertEquals(meter.digest(), hash.digest("hex"));
      if (link.traits.kind === "message") assertEquals(meter.pieces, PIECES);
      await link.close();
      assertEquals(await peer.nextLine(), "closed");
      assertEquals((await peer.exited).code, 0);
    });
  }
}

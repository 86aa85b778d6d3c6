import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { PRESETS } from "../../mod.ts";
import { connect, listen } from "../conformance/tls.ts";

const CASES = [
  ["tcp", PRESETS.productionTcp],
  ["udp", PRESETS.highPerformanceUdp],
  ["quic", PRESETS.enterpriseQuic],
  ["ws", PRESETS.productionWebSocket],
] as const;

for (const [scheme, preset] of CASES) {
  test(`a conversation over ${scheme} with its preset on both ends`, async () => {
    await using server = await listen(`${scheme}://127.0.0.1:0`, { ...preset });
    server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
    await using connection = await connect(server.urls[0], { ...preset });
    const message = new Uint8Array(1_000).fill(7);
    connection.send(message);
    assertEquals(await connection.receive({ timeoutMs: 5_000 }), message);
    if (preset.mtu !== undefined) assertEquals(connection.traits.mtu, preset.mtu);
    if (preset.messageBytesMax !== undefined) assert(connection.traits.mtu === preset.messageBytesMax);
  });
}

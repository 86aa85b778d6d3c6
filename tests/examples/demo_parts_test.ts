// The parts of the demo by themselves, over channels in memory: what it must notice, it notices.

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ArgumentError, readArguments } from "../../examples/demo/args.ts";
import { serveFarEnd } from "../../examples/demo/far_end.ts";
import { measure } from "../../examples/demo/files.ts";
import { RECORD_DATA, RECORD_ECHO } from "../../examples/demo/records.ts";
import { checkReceipt, type FilesResult, sendFiles } from "../../examples/demo/send_files.ts";
import { isMessage, makeMessage, sendMany, sendOneByOne } from "../../examples/demo/send_messages.ts";
import { tableOf } from "../../examples/demo/table.ts";
import { percentile } from "../../examples/demo/work.ts";
import { channelPair, type PairOptions, type Weather } from "./demo_channels.ts";
import { type DemoFolder, makeDemoFolder } from "./demo_folder.ts";

async function sendOver(folder: DemoFolder, options: PairOptions): Promise<FilesResult> {
  const { near, far } = channelPair(options);
  serveFarEnd(far);
  const roots = [{ path: folder.path, skip: [] }];
  return await sendFiles(near, { roots, bytesMax: Infinity, onProgress() {} });
}

/** Loses one of seven. */
const lossy: Weather = (message, index) => index % 7 === 3 ? undefined : message;

test("a folder is counted, and links are passed over", async () => {
  await using folder = await makeDemoFolder();
  const { files, bytes, passedOver } = await measure([{ path: folder.path, skip: [] }]);
  assertEquals([files, bytes], [folder.files, folder.bytes]);
  assert(passedOver <= 1);
  const fewer = await measure([{ path: folder.path, skip: ["below"] }]);
  assertEquals(fewer.bytes, folder.bytes - 150_000);
});

test("files arrive over a reliable channel, and nothing is sent twice", async () => {
  await using folder = await makeDemoFolder();
  const { files, bytes, resent } = await sendOver(folder, { reliable: true });
  assertEquals({ files, bytes, resent }, { files: folder.files, bytes: folder.bytes, resent: 0 });
});

test("files arrive over a channel that loses messages on both ways", async () => {
  await using folder = await makeDemoFolder(10_000);
  const { files, bytes, resent } = await sendOver(folder, { reliable: false, out: lossy, back: lossy });
  assertEquals({ files, bytes }, { files: folder.files, bytes: folder.bytes });
  assert(resent > 0);
});

test("one changed bit of one file is found", async () => {
  await using folder = await makeDemoFolder();
  let chunks = 0;
  const out: Weather = (message) => {
    if (message[0] === RECORD_DATA && ++chunks === 5) message[100] ^= 1;
    return message;
  };
  const error = await assertRejects(
    () => sendOver(folder, { reliable: true, out }),
    Error,
    "arrived changed",
  );
  assertStringIncludes(error.message, "SHA-256");
});

test("a message that a reliable channel lost is found", async () => {
  await using folder = await makeDemoFolder();
  const out: Weather = (message, index) => index === 4 ? undefined : message;
  await assertRejects(
    () => sendOver(folder, { reliable: true, out }),
    Error,
    "a message was lost or doubled",
  );
});

test("a receipt must have the digest, the bytes and the consent of the far end", () => {
  const sent = { name: "a", digest: "00", bytes: 3 };
  checkReceipt(sent, { agrees: true, digest: "00", bytes: 3 });
  for (const wrong of [{ agrees: false }, { digest: "01" }, { bytes: 2 }]) {
    assertThrows(
      () => checkReceipt(sent, { agrees: true, digest: "00", bytes: 3, ...wrong }),
      Error,
      '"a" arrived changed',
    );
  }
});

test("small messages come back as they were sent", async () => {
  const { near, far } = channelPair({ reliable: true });
  serveFarEnd(far);
  let answers = 0;
  const many = await sendMany(near, 1_000, (count) => void (answers += count));
  assertEquals([many.count, many.lost, answers], [1_000, 0, 1_000]);
  const { roundTripsMs, lost } = await sendOneByOne(near, 10, () => {});
  assertEquals([roundTripsMs.length, lost], [10, 0]);
});

test("small messages that are lost are counted and sent again", async () => {
  const { near, far } = channelPair({
    reliable: false,
    out: (message, index) => index === 5 ? undefined : message,
  });
  serveFarEnd(far);
  assertEquals((await sendMany(near, 20, () => {})).lost, 1);
});

test("an answer that was changed, or comes twice, is found", async () => {
  const changed: Weather = (message, index) => (message[20] ^= index === 3 ? 1 : 0, message);
  const { near, far } = channelPair({ reliable: true, back: changed });
  serveFarEnd(far);
  await assertRejects(
    () => sendMany(near, 10, () => {}),
    Error,
    "the answer to message 3 is not what was sent",
  );

  const { near: other, far: doubler } = channelPair({ reliable: true });
  doubler.onMessage((message) => (doubler.send(message), doubler.send(message)));
  await assertRejects(() => sendMany(other, 10, () => {}), Error, "that was not waited for");
});

test("a channel that ends while answers are waited for ends the wait", async () => {
  const { near } = channelPair({ reliable: true });
  const sending = sendMany(near, 10, () => {});
  near.break("the cable was cut");
  await assertRejects(() => sending, Error, "the cable was cut");
});

test("messages are 64 bytes and differ in more than their number", () => {
  const message = makeMessage(7);
  assertEquals([message.length, message[0]], [64, RECORD_ECHO]);
  assertEquals([isMessage(message, 7), isMessage(message, 8), isMessage(message.subarray(1), 7)], [
    true,
    false,
    false,
  ]);
});

test("percentiles are those of the nearest rank", () => {
  const sorted = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  assertEquals([percentile(sorted, 0.5), percentile(sorted, 0.99), percentile(sorted, 1)], [50, 99, 100]);
  assertEquals([percentile(Float64Array.of(7), 0.5), percentile(new Float64Array(0), 0.5)], [7, 0]);
});

test("the table has a line for each row, and columns that stand below each other", () => {
  const figures = { bytes: 1e6, mbPerSecond: 100, messagesPerSecond: 5, p50Ms: 0.1, p99Ms: 0.2 };
  const row = { transport: "tcp", listener: "deno", dialer: "bun", ...figures, control: figures };
  const lines = tableOf([{ ...row, resent: 0, controlResent: 0 }, { ...row, resent: 9, controlResent: 1 }])
    .split("\n");
  assertEquals(lines.length, 3);
  assertEquals(new Set(lines.map((line) => line.length)).size, 1);
});

test("arguments: what there is, and what there is not", () => {
  const { json, folder, transports, pairs, messages } = readArguments([
    "--json",
    "--transports",
    "tcp,ws",
    "x",
  ]);
  assertEquals([json, folder, transports, messages], [true, "x", ["tcp", "ws"], 20_000]);
  assertEquals(pairs.length, 6);
  assertEquals(readArguments(["--pairs", "bun:node"]).pairs, [{ listener: "bun", dialer: "node" }]);
  const wrong = [["--nope"], ["a", "b"], ["--transports", "quic"], ["--pairs", "deno"], [
    "--pairs",
    "deno:bun:node",
  ]];
  for (
    const args of [...wrong, ["--messages", "0"], ["--messages", "1e3"], ["--json=1"], ["--round-trips"]]
  ) {
    assertThrows(() => readArguments(args), ArgumentError);
  }
});

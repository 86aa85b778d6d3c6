// The chat as its users see it: programs in one room, and a page in a browser.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { connect, type Connection } from "../../mod.ts";
import { Browser, findChromium } from "../runtimes/chromium.ts";
import { currentRuntime, type RuntimeProcess, spawnRuntime } from "../runtimes/runtimes.ts";

// A browser is the same beside every runtime.
const chromium = currentRuntime() === "deno" ? findChromium() : { missing: "Deno's run has it" };
if ("missing" in chromium) console.log(`without a page: ${chromium.missing}`);

test("chat: what is said in a room is heard there and nowhere else, by programs and by pages", async () => {
  await using chat = await serve();
  await using ann = await enter(chat.origin);
  await using bob = await enter(chat.origin);
  const events = bob.subscribe("room.lobby.*")[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await events.next();
    return `${value?.subject} ${JSON.stringify(value?.value)}`;
  };
  await bob.echo("now the server knows what bob wants");
  for (const [room, text] of [["lobby", "ahoy"], ["kitchen", "psst"], ["lobby", "bye"]]) {
    ann.publish(`room.${room}.said`, { name: "ann", text });
  }
  assertEquals(await next(), 'room.lobby.said {"name":"ann","text":"ahoy"}');
  assertEquals(await next(), 'room.lobby.said {"name":"ann","text":"bye"}');

  if ("missing" in chromium) return;
  await using _browser = await Browser.open(chromium.executable, `${chat.origin}/?name=eve`);
  assertEquals(await next(), 'room.lobby.said {"name":"eve","text":"ahoy"}');
  bob.publish("room.lobby.said", { name: "bob", text: "welcome" });
  assertEquals(await next(), 'room.lobby.read {"name":"eve","text":"welcome"}');
});

interface Chat extends AsyncDisposable {
  readonly origin: string;
  readonly process: RuntimeProcess;
}

/** The example on a port that was free a moment ago: pages have to be told their origin beforehand. */
async function serve(): Promise<Chat> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const process = spawnRuntime(currentRuntime(), "examples/chat/serve.ts", [], { env: { PORT: `${port}` } });
  const origin = await process.nextLine();
  return { origin, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

async function enter(origin: string): Promise<Connection> {
  return await connect(await (await fetch(`${origin}/address`)).text());
}

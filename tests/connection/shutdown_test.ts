// The end of a server in which nothing that was begun is lost, if it ends in time.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, type Connection, HawserError, listen, type Server } from "../../mod.ts";
import { currentRuntime, runtimes, spawnRuntime } from "../runtimes/runtimes.ts";

const here = runtimes.findIndex(({ name }) => name === currentRuntime());

/** A server that answers "slow" when it is told to. */
async function slowServer(
  name: string,
): Promise<{ server: Server; answer: () => void; asked: Promise<void> }> {
  const server = await listen(`mem://${name}`);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  server.onConnection((connection) =>
    connection.handle("slow", async () => {
      ask();
      await answered;
      return "done";
    })
  );
  return { server, answer, asked };
}

async function codeOf(promise: Promise<unknown>): Promise<[string, boolean]> {
  const error = await assertRejects(() => promise, HawserError);
  return [error.code, error.retryable];
}

test("a request in flight is answered, a new one is refused as retryable, and then the connection closes", async () => {
  const { server, answer, asked } = await slowServer("shutdown-request");
  await using connection = await connect(server.urls);
  const said: string[] = [];
  connection.onGoodbye((reason) => said.push(reason));
  const reply = connection.request("slow");
  await asked;
  const shutdown = server.shutdown({ timeoutMs: 10_000 });
  assertEquals(await codeOf(connection.request("slow")), ["closed", true]);
  assertEquals(said, ["the server shuts down"]);
  assert(!connection.isClosed);
  answer();
  assertEquals(await reply, "done");
  assertEquals(await shutdown, { finished: 1, cutOff: 0 });
  const { code, by, error } = await connection.closed;
  assertEquals([code, by, error], [3, "peer", undefined]);
  assertEquals(server.shutdown({ timeoutMs: 1 }), server.shutdown());
  await server.closed;
});

test("connections on which nothing is in flight close at once, whatever others do", async () => {
  const { server, answer, asked } = await slowServer("shutdown-idle");
  await using busy = await connect(server.urls);
  await using idle = await connect(server.urls);
  const reply = busy.request("slow");
  await asked;
  const shutdown = server.shutdown();
  assertEquals((await idle.closed).code, 3);
  assert(!busy.isClosed);
  answer();
  assertEquals([await reply, await shutdown], ["done", { finished: 2, cutOff: 0 }]);
});

test("what is not done in time is cut off, and its caller may try again elsewhere", async () => {
  const { server, asked } = await slowServer("shutdown-time");
  await using connection = await connect(server.urls);
  const reply = codeOf(connection.request("slow"));
  await asked;
  assertEquals(await server.shutdown({ timeoutMs: 20 }), { finished: 0, cutOff: 1 });
  assertEquals(await reply, ["closed", true]);
});

test("an aborted signal cuts off at once, and so does close", async () => {
  for (const end of ["signal", "close"] as const) {
    const { server, asked } = await slowServer(`shutdown-${end}`);
    await using connection = await connect(server.urls);
    const reply = codeOf(connection.request("slow"));
    await asked;
    const controller = new AbortController();
    const shutdown = server.shutdown({ timeoutMs: 60_000, signal: controller.signal });
    if (end === "signal") controller.abort();
    else await server.close();
    const outcome = await shutdown;
    assertEquals(outcome.finished + outcome.cutOff, 1);
    assertEquals(await reply, ["closed", true]);
  }
});

test("a stream is finished, and what was queued arrives", async () => {
  const server = await listen("tcp://127.0.0.1:0");
  const accepted = server.accept();
  await using connection = await connect(server.urls);
  const far = await accepted;
  const { promise: read, resolve } = Promise.withResolvers<number>();
  far.onStream(async ({ readable, writable }) => {
    let bytes = 0;
    for await (const chunk of readable) bytes += chunk.length;
    await writable.close();
    resolve(bytes);
  });
  const stream = await connection.openStream("file");
  const writer = stream.writable.getWriter();
  await writer.write(new Uint8Array(100_000));
  far.send(new Uint8Array(3_000_000));
  const shutdown = server.shutdown({ timeoutMs: 20_000 });
  assertEquals((await connection.receive({ timeoutMs: 10_000 })).length, 3_000_000);
  await writer.write(new Uint8Array(100_000));
  await writer.close();
  for await (const _ of stream.readable) assert(false, "nothing was sent back");
  assertEquals([await read, await shutdown], [200_000, { finished: 1, cutOff: 0 }]);
});

test("nobody gets in any more: neither who comes later, nor who is in the middle of the handshake", async () => {
  const { server, answer, asked } = await slowServer("shutdown-doors");
  await using connection = await connect(server.urls);
  const { urls } = server;
  const reply = connection.request("slow");
  await asked;
  const shutdown = server.shutdown();
  await assertRejects(() => connect(urls), HawserError);
  await assertRejects(() => server.accept(), HawserError, "stopped");
  answer();
  await reply;
  await shutdown;
  assertEquals(await (await listen("mem://shutdown-nobody")).shutdown(), { finished: 0, cutOff: 0 });
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  const { name } = runtimes[(here + (signal === "SIGTERM" ? 1 : 2)) % runtimes.length];
  test(`${name} on ${signal}: answers what it was asked, tells its peers, and ends by itself`, async () => {
    await using child = spawnRuntime(name, "tests/connection/fixtures/signalled_server.ts", ["20000"]);
    const urls: string[] = JSON.parse(await child.nextLine());
    const connections: Connection[] = await Promise.all(urls.map((url) => connect(url)));
    const replies = connections.map((connection) => connection.request("slow", 300));
    await Promise.all(connections.map((connection) => connection.echo("has it arrived?")));
    process.kill(child.pid, signal);
    assertEquals(await child.nextLine(), signal);
    assertEquals(await Promise.all(replies), ["done", "done"]);
    assertEquals(JSON.parse(await child.nextLine()), { finished: 2, cutOff: 0 });
    for (const { code, by } of await Promise.all(connections.map(({ closed }) => closed))) {
      assertEquals([code, by], [3, "peer"]);
    }
    assertEquals((await child.exited).code, 0);
  });
}

test("a second signal cuts off what is still in flight", async () => {
  const { name } = runtimes[here];
  await using child = spawnRuntime(name, "tests/connection/fixtures/signalled_server.ts", ["60000"]);
  const [url]: string[] = JSON.parse(await child.nextLine());
  await using connection = await connect(url);
  const reply = codeOf(connection.request("slow", 60_000, { deadlineMs: 60_000 }));
  await connection.echo("has it arrived?");
  process.kill(child.pid, "SIGTERM");
  assertEquals(await child.nextLine(), "SIGTERM");
  process.kill(child.pid, "SIGTERM");
  assertEquals(await reply, ["closed", true]);
  assertEquals(JSON.parse(await child.nextLine()), { finished: 0, cutOff: 1 });
  assertEquals((await child.exited).code, 0);
});

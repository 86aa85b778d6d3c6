// A contract that a whole server serves: to each of its connections, whenever it came.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { connect, HawserError, listen } from "../../../mod.ts";
import { client, contract, event, request, serve } from "../../../src/connection/contract/mod.ts";

const Sums = contract({ add: request(z.array(z.number()), z.number()), added: event(z.number()) });
const Names = contract({ upper: request(z.string(), z.string()) });

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const names = { upper: (name: string) => name.toUpperCase() };

test("a server serves every connection: those that it has, those that wait, and those to come", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const accepted = server.accept();
  await using taken = await connect(server.urls);
  await accepted;
  await using waiting = await connect(server.urls);
  serve(server, Sums, { add: sum });
  await using late = await connect(server.urls);
  for (const connection of [taken, waiting, late]) {
    assertEquals(await client(connection, Sums).add([1, 2]), 3);
  }
});

test("a server serves several contracts, and stops one of them", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const sums = serve(server, Sums, { add: sum });
  await using first = await connect(server.urls);
  assertEquals(await client(first, Sums).add([1]), 1);
  serve(server, Names, names);
  await using second = await connect(server.urls);
  for (const connection of [first, second]) {
    assertEquals(await client(connection, Names).upper("a"), "A");
    assertEquals(await client(connection, Sums).add([2]), 2);
  }
  sums.stop();
  await using third = await connect(server.urls);
  for (const connection of [first, second, third]) {
    assertEquals(await client(connection, Names).upper("b"), "B");
    const error = await assertRejects(() => client(connection, Sums).add([3]), HawserError);
    assertEquals(error.code, "not-found");
  }
});

test("a server tells its events to all who want them", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const service = serve(server, Sums, {
    async add(numbers) {
      await service.events.added.publish(sum(numbers));
      return sum(numbers);
    },
  });
  await using first = await connect(server.urls);
  await using second = await connect(server.urls);
  const subscriptions = [first, second].map((connection) => client(connection, Sums).added.subscribe());
  await Promise.all([first, second].map((connection) => connection.echo("the server knows of it now")));
  await client(first, Sums).add([2, 3]);
  for (const subscription of subscriptions) {
    for await (const added of subscription) {
      assertEquals(added, 5);
      break;
    }
  }
});

test("what a server hears of events says who told them", async () => {
  await using server = await listen("tcp://127.0.0.1:0");
  const heard = Promise.withResolvers<string>();
  serve(server, Sums, { add: sum, added: (number, { peer }) => heard.resolve(`${peer.id} ${number}`) });
  await using connection = await connect(server.urls);
  await client(connection, Sums).added.publish(7);
  const [{ peer }] = server.connections;
  assertEquals(await heard.promise, `${peer.id} 7`);
});

/**
 * What the compiler must accept of contracts, and what it must refuse: each refusal is marked with its code.
 * `type_cases_test.ts` takes the marks away and sees that the compiler complains of these lines and of no others.
 *
 * @module
 */

import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  type Answerer,
  type Caller,
  client,
  contract,
  event,
  request,
  serve,
  stream,
} from "../../../src/connection/contract/mod.ts";

declare const connection: Caller & Answerer;

const Api = contract({
  add: request(z.object({ a: z.number(), b: z.number().default(0) }), z.number()),
  ping: request(z.literal("pong")),
  find: request(z.string().optional(), v.nullable(v.object({ name: v.string() }))),
  parse: request(z.string().transform(Number), z.string().transform((text) => new Date(text))),
  ticks: stream(type({ everyMs: "number" }), type("number")),
  chat: event(v.object({ text: v.string() })),
  users: contract({ count: request(z.int()), joined: event(z.string()) }),
});

/** Calls as they must be. */
export async function asks(): Promise<void> {
  const api = client(connection, Api);
  const sum: number = await api.add({ a: 1 }, { deadlineMs: 100, headers: { trace: "1" }, priority: 200 });
  const pong: "pong" = await api.ping({ deadlineMs: sum });
  const found: { name: string } | null = await api.find();
  const date: Date = await api.parse("1");
  const count: number = await api.users.count();
  for await (const tick of api.ticks({ everyMs: count })) tick.toFixed();
  await api.chat.publish({ text: `${pong} ${found?.name} ${date.getTime()}` });
  for await (const { text } of api.chat.subscribe({ onSlow: "drop-oldest" })) text.trim();
  await using hearing = api.users.joined.subscribe((name, { peer }) => void `${name.trim()} ${peer.id}`);
  hearing.unsubscribe();
}

/** Calls as they must not be. */
export async function asksWrongly(): Promise<void> {
  const api = client(connection, Api);
  // @ts-expect-error TS2322: text is no number
  await api.add({ a: "1" });
  // @ts-expect-error TS2345: `a` is missing
  await api.add({ b: 1 });
  // @ts-expect-error TS2554: there is no input
  await api.add();
  // @ts-expect-error TS2353: `c` is nowhere in the contract
  await api.add({ a: 1, c: 1 });
  // @ts-expect-error TS2339: nor is `subtract`
  await api.subtract({ a: 1 });
  // @ts-expect-error TS2339: nor is it among the users
  await api.users.add({ a: 1 });
  // @ts-expect-error TS2322: the answer is a number
  const _sum: string = await api.add({ a: 1 });
  // @ts-expect-error TS2353: `ping` takes options alone
  await api.ping({ a: 1 });
  // @ts-expect-error TS2345: what is sent is text; the number is what becomes of it
  await api.parse(1);
  // @ts-expect-error TS2339: a stream is no promise
  await api.ticks({ everyMs: 1 }).then();
  // @ts-expect-error TS2339: ticks are numbers
  for await (const tick of api.ticks({ everyMs: 1 })) tick.trim();
  // @ts-expect-error TS2322: text is text
  await api.chat.publish({ text: 1 });
  // @ts-expect-error TS2349: an event is not called
  await api.chat({ text: "" });
  // @ts-expect-error TS2339: an event has a text, and no title
  api.chat.subscribe(({ title }) => title);
  // @ts-expect-error TS2769: there is no such way to be slow
  api.chat.subscribe({ onSlow: "forget" });
}

/** Implementations as they must be. */
export function answers(): void {
  using service = serve(connection, Api, {
    add: ({ a, b }) => a + b,
    ping: ({ deadlineMs }) => deadlineMs > 0 ? "pong" : Promise.resolve("pong" as const),
    find: (name, { signal }) => name === undefined || signal.aborted ? null : { name },
    parse: (number, { headers }) => `${number.toFixed()}${headers.trace}`,
    ticks: async function* ({ everyMs }) {
      yield await Promise.resolve(everyMs);
    },
    chat: ({ text }, { peer }) => void (text + peer.id),
    users: { count: () => 1 },
  });
  void service.events.chat.publish({ text: "" });
  void service.events.users.joined.publish("");
}

const rest = {
  ping: () => "pong" as const,
  find: () => null,
  parse: () => "",
  async *ticks() {
    yield await Promise.resolve(1);
  },
  users: { count: () => 1 },
};

/** Implementations as they must not be. */
export function answersWrongly(): void {
  // @ts-expect-error TS2345: `add` is missing
  serve(connection, Api, rest);
  // @ts-expect-error TS2322: the sum is a number
  serve(connection, Api, { ...rest, add: ({ a, b }) => `${a}${b}` });
  // @ts-expect-error TS2322: so is what is promised
  serve(connection, Api, { ...rest, add: ({ a }) => Promise.resolve(`${a}`) });
  // @ts-expect-error TS2339: there is no `c`
  serve(connection, Api, { ...rest, add: ({ c }) => c });
  // @ts-expect-error TS2353: nobody may ask for `subtract`
  serve(connection, Api, { ...rest, add: ({ a, b }) => a + b, subtract: () => 0 });
  // @ts-expect-error TS2322: a stream gives many answers
  serve(connection, Api, { ...rest, add: () => 0, ticks: () => 1 });
  // @ts-expect-error TS2322: users want to be counted
  serve(connection, Api, { ...rest, add: () => 0, users: {} });
  // @ts-expect-error TS2322: what leaves is text, which becomes a date when it arrives
  serve(connection, Api, { ...rest, add: () => 0, parse: () => new Date() });
  const service = serve(connection, Api, { ...rest, add: () => 0 });
  // @ts-expect-error TS2345: users have names
  void service.events.users.joined.publish(1);
  // @ts-expect-error TS2339: questions are not told
  void service.events.add.publish({ a: 1 });
}

/** Contracts as they must not be. */
export function agreesWrongly(): void {
  // @ts-expect-error TS2345: a type is no validator
  request("number");
  // @ts-expect-error TS2554: one question, one answer
  request(z.string(), z.string(), z.string());
  // @ts-expect-error TS2322: a validator says neither request nor stream nor event
  contract({ add: z.number() });
}

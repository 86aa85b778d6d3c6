// What may stand in a contract, and what is said when it may not.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { contract, event, nameOf, request, stream } from "../../src/message/contract.ts";

test("an entry with one schema has no input", () => {
  const text = z.string();
  const number = z.number();
  assertEquals(request(text), { kind: "request", input: undefined, output: text });
  assertEquals(request(number, text), { kind: "request", input: number, output: text });
  assertEquals(stream(text), { kind: "stream", input: undefined, output: text });
  assertEquals(stream(number, text), { kind: "stream", input: number, output: text });
  assertEquals(event(text), { kind: "event", value: text });
});

test("names are words, because they become properties and tokens of subjects", () => {
  const entry = event(z.string());
  for (const name of ["a", "addTwo", "add_2"]) contract({ [name]: entry });
  for (const name of ["", "a.b", "*", ">", "a b", "2", "_a", "__proto__", "constructor", "then", "ä"]) {
    assertThrows(() => contract(JSON.parse(`{"${name}": {"kind": "event"}}`)), TypeError, "cannot be a name");
  }
});

test("what is neither an entry nor a contract is refused", () => {
  for (const wrong of [z.string(), undefined, null, "request", {}]) {
    assertThrows(
      () => contract({ wrong: wrong as never }),
      TypeError,
      "no request, stream, event or contract",
    );
  }
});

test("what does not follow Standard Schema is refused", () => {
  const old = { "~standard": { version: 0, validate: () => ({ value: 1 }) } };
  for (const wrong of [undefined, null, "string", String, {}, { "~standard": { version: 1 } }, old]) {
    assertThrows(() => request(wrong as never), TypeError, "Standard Schema");
    assertThrows(() => request(z.string(), wrong as never), TypeError, "Standard Schema");
    assertThrows(() => event(wrong as never), TypeError, "Standard Schema");
  }
});

test("contracts do not change once they are made", () => {
  const entries = { hello: event(z.string()) };
  const made = contract(entries);
  Object.assign(entries, { late: event(z.string()) });
  assertEquals(Object.keys(made.entries), ["hello"]);
  assertEquals(Object.isFrozen(made.entries), true);
});

test("a name is its path with dots", () => assertEquals(nameOf(["users", "get"]), "users.get"));

import { test } from "node:test";
import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { HawserError } from "../../src/errors.ts";
import type { Transport } from "../../src/link.ts";
import { memoryPair } from "../../src/transports/mem/mod.ts";
import { registerTransport, transportFor } from "../../src/transports/registry.ts";
import { runtime } from "../../src/transports/runtime.ts";
import { currentRuntime } from "../runtimes/runtimes.ts";

function pigeon(...schemes: string[]): Transport {
  return {
    schemes,
    dial: () => Promise.resolve(memoryPair()[0]),
    listen: () => Promise.reject(new HawserError("unsupported", "pigeons do not listen")),
  };
}

test("registry: every built-in scheme has its transport", async () => {
  for (const scheme of ["tcp", "udp", "ws", "unix", "port", "shm", "mem"]) {
    assertEquals((await transportFor(scheme)).schemes.includes(scheme), true);
  }
});

test("registry: an unknown scheme is told which are known", async () => {
  const error = await assertRejects(() => transportFor("gopher"), HawserError);
  assertEquals(error.code, "invalid-address");
  for (
    const known of [
      "tcp://",
      "udp://",
      "ws://",
      "unix://",
      "port://",
      "shm://",
      "mem://",
      "registerTransport",
    ]
  ) {
    assertStringIncludes(error.message, known);
  }
  await assertRejects(() => transportFor("constructor"), HawserError);
});

test("registry: users add schemes of their own, each once", async () => {
  const transport = pigeon("pigeon", "carrier-pigeon");
  registerTransport(transport);
  assertStrictEquals(await transportFor("carrier-pigeon"), transport);
  assertThrows(() => registerTransport(pigeon("raven", "pigeon")), RangeError, "pigeon");
  await assertRejects(() => transportFor("raven"), HawserError, "pigeon://");
  assertThrows(() => registerTransport(pigeon("Dove")), TypeError, "Dove");
});

test("runtime: this one is recognised", () => {
  assertEquals(runtime, currentRuntime());
});

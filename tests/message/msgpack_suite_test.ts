// Every encoding of the suite that implementations of MessagePack are held against, from the registry and from the vectors.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { msgpack } from "../../src/message/msgpack_format.ts";
import { ROOT } from "../runtimes/executables.ts";
import { assertCasesRan, vectorSet } from "../vectors/vectors.ts";

/** One value under the name of its type, and all its encodings in hex. */
type Case = { readonly msgpack: readonly string[] } & Readonly<Record<string, unknown>>;
type Suite = Readonly<Record<string, readonly Case[]>>;

const set = vectorSet("msgpack");
const FILE = "msgpack-test-suite.json";

test("the suite of the vectors", { skip: set.skip }, () => {
  assertCasesRan(set, run(set.json<Suite>(FILE)), FILE);
});

test("the suite of the registry", () => {
  const path = `${ROOT}node_modules/msgpack-test-suite/dist/${FILE}`;
  assert(run(JSON.parse(readFileSync(path, "utf8"))) > 200);
});

function run(suite: Suite): number {
  let ran = 0;
  for (const cases of Object.values(suite)) {
    for (const one of cases) {
      const encodings = one.msgpack.map((hex) => bytesOf(hex));
      for (const encoding of encodings) {
        checkDecoded(one, msgpack.decode(encoding));
        ran++;
      }
      // What we write for it is one of the encodings.
      const written = msgpack.encode(msgpack.decode(encodings[0])) as Uint8Array;
      if (isInexact(one)) continue;
      assert(
        encodings.some((encoding) => hexOf(encoding) === hexOf(written)),
        `${JSON.stringify(one)}: ${hexOf(written)}`,
      );
    }
  }
  return ran;
}

/** Whether a number or a Date of JavaScript holds less than the case says, or a float may have either length. */
function isInexact({ number, bignum, timestamp }: Case): boolean {
  if (timestamp !== undefined) return (timestamp as number[])[1] % 1e6 !== 0;
  return bignum !== undefined || (number !== undefined && !Number.isInteger(number));
}

function checkDecoded(one: Case, decoded: unknown): void {
  const [type] = Object.keys(one).filter((key) => key !== "msgpack");
  const expected = one[type];
  if (type === "binary") assertEquals(decoded, bytesOf(expected as string));
  else if (type === "timestamp") {
    const [seconds, nanoseconds] = expected as [number, number];
    // A Date holds whole milliseconds.
    const difference = (decoded as Date).getTime() - (seconds * 1_000 + nanoseconds / 1e6);
    assert(Math.abs(difference) < 1, `${decoded} instead of ${expected}`);
  } else if (type === "ext") {
    const [kind, hex] = expected as [number, string];
    const { type, data } = decoded as { type: number; data: Uint8Array };
    assertEquals([type, data], [kind, bytesOf(hex)]);
  } // Beyond 2^53 a number is the nearest one.
  else if (type === "bignum") assertEquals(decoded, Number(expected));
  else assertEquals(decoded, expected);
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(hex === "" ? [] : hex.split("-").map((byte) => parseInt(byte, 16)));
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("-");
}

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { parseCells, portabilityPage } from "../../scripts/portability.ts";
import type { Cell } from "../conformance/portability.ts";

const row = (page: string, scheme: string, listener: string) =>
  page.split("\n").find((line) => line.startsWith(`| ${scheme} | ${listener} |`))?.split("|").slice(3, -1)
    .map((cell) => cell.trim());

test("PORTABILITY.md shows what passed, what was refused, and why the rest was not run", () => {
  const cells: Cell[] = [
    { scheme: "tcp", listener: "deno", dialler: "bun", outcome: "passed" },
    { scheme: "tcp", listener: "deno", dialler: "node", outcome: "refused" },
    { scheme: "mem", listener: "node", dialler: "node", outcome: "passed" },
    { scheme: "port", listener: "chromium", dialler: "chromium", outcome: "passed" },
  ];
  const page = portabilityPage(parseCells(cells.map((cell) => JSON.stringify(cell)).join("\n") + "\n"));
  const [untried, passed, refused, workerd, chromium] = row(page, "tcp", "Deno")!;
  assertEquals([passed, refused], ["✔", "✘"]);
  assert(page.includes(`\n${untried}. possible, but no test tries it yet`));
  assert(page.includes(`\n${workerd}. this place has no such sockets`));
  assertEquals(chromium, workerd);
  const [across, , within] = row(page, "mem", "Node")!;
  assertEquals(within, "✔");
  assert(page.includes(`\n${across}. stays inside one process`));
  assertEquals(row(page, "udp", "Deno"), undefined);
  assertEquals(row(page, "port", "Chromium")!.at(-1), "✔");
  assertEquals(row(page, "tcp", "Chromium"), undefined); // Nobody dials a page there.
});

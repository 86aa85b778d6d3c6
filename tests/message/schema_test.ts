// What libraries and peers say of a value that does not fit: in their own shapes, and bounded.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  SCHEMA_ISSUE_CHARACTERS_MAX,
  SCHEMA_ISSUES_MAX,
  SCHEMA_PATH_STEPS_MAX,
} from "../../src/contract_limits.ts";
import {
  describeIssues,
  isSchema,
  plainIssues,
  readIssues,
  type StandardSchema,
} from "../../src/message/schema.ts";

const LIBRARIES: Readonly<Record<string, StandardSchema>> = {
  zod: z.object({ user: z.object({ ages: z.array(z.number()) }) }),
  valibot: v.object({ user: v.object({ ages: v.array(v.number()) }) }),
  arktype: type({ user: { ages: "number[]" } }),
};

for (const [library, schema] of Object.entries(LIBRARIES)) {
  test(`${library}: a value fits, and what does not is named by its path`, async () => {
    assertEquals(isSchema(schema), true);
    const good = { user: { ages: [1] } };
    assertEquals((await schema["~standard"].validate(good)).issues, undefined);
    const { issues = [] } = await schema["~standard"].validate({ user: { ages: [1, "2"] } });
    const [{ path, message }] = plainIssues(issues);
    assertEquals(path, ["user", "ages", 1]);
    assertEquals(describeIssues([{ path, message }]), `user.ages.1: ${message}`);
    assertEquals(
      readIssues(JSON.parse(JSON.stringify({ issues: plainIssues(issues) }))),
      plainIssues(issues),
    );
  });
}

test("as many issues are told as the bound allows, and not one more", () => {
  const issues = (count: number) => Array.from({ length: count }, (_, index) => ({ message: `${index}` }));
  assertEquals(plainIssues(issues(SCHEMA_ISSUES_MAX)).length, SCHEMA_ISSUES_MAX);
  assertEquals(plainIssues(issues(SCHEMA_ISSUES_MAX + 1)).length, SCHEMA_ISSUES_MAX);
});

test("a sentence of the longest length is whole, and a longer one is cut", () => {
  const longest = "a".repeat(SCHEMA_ISSUE_CHARACTERS_MAX);
  assertEquals(plainIssues([{ message: longest, path: [longest] }]), [{ message: longest, path: [longest] }]);
  const cut = `${longest}...`;
  assertEquals(plainIssues([{ message: `${longest}b`, path: [`${longest}b`] }]), [{
    message: cut,
    path: [cut],
  }]);
});

test("a path of the longest length is whole, and a longer one is cut", () => {
  const pathOf = (steps: number) => plainIssues([{ message: "", path: Array(steps).fill("a") }])[0].path;
  assertEquals(pathOf(SCHEMA_PATH_STEPS_MAX).length, SCHEMA_PATH_STEPS_MAX);
  assertEquals(pathOf(SCHEMA_PATH_STEPS_MAX + 1).length, SCHEMA_PATH_STEPS_MAX);
});

test("steps of a path become words or numbers", () => {
  const [{ path }] = plainIssues([{ message: "", path: [{ key: "a" }, 0, Symbol("s"), { key: 1 }] }]);
  assertEquals(path, ["a", 0, "Symbol(s)", 1]);
});

test("what a peer says is taken for issues only if it looks like them", () => {
  assertEquals(readIssues({ issues: [{ message: "a" }] }), [{ message: "a", path: [] }]);
  const wrong = [
    undefined,
    null,
    1,
    "issues",
    {},
    { issues: {} },
    { issues: [1] },
    { issues: [null] },
    { issues: [{}] },
    { issues: [{ message: 1 }] },
    { issues: [{ message: "a", path: "b" }] },
    { issues: [{ message: "a", path: [{}] }] },
    { issues: [{ message: "a", path: [null] }] },
  ];
  for (const data of wrong) assertEquals(readIssues(data), undefined, JSON.stringify(data));
});

test("a peer that says much is heard as far as the bound", () => {
  const much = { message: "b".repeat(1_000_000), path: Array(1_000).fill("c") };
  const issues = readIssues({ issues: Array(10_000).fill(much) })!;
  assertEquals(issues.length, SCHEMA_ISSUES_MAX);
  assertEquals(issues[0].message.length, SCHEMA_ISSUE_CHARACTERS_MAX + 3);
  assertEquals(issues[0].path.length, SCHEMA_PATH_STEPS_MAX);
});

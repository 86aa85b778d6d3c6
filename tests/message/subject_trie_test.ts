import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { SubjectTrie } from "../../src/message/subject_trie.ts";
import { Random } from "../simulation/random.ts";

test("SubjectTrie: a star is one token, the rest is one or more", () => {
  const trie = new SubjectTrie<string>();
  for (const pattern of ["room.7.chat", "room.*.chat", "room.>", ">", "*", "room.7", "*.*.*"]) {
    trie.add(pattern, pattern);
  }
  const matches = (subject: string) => [...trie.matchOnce(subject)].sort();

  assertEquals(matches("room.7.chat"), ["*.*.*", ">", "room.*.chat", "room.7.chat", "room.>"]);
  assertEquals(matches("room.7"), [">", "room.7", "room.>"]);
  assertEquals(matches("room"), ["*", ">"]);
  assertEquals(matches("Room.7"), [">"]);
  assertEquals(matches("constructor.__proto__.toString"), ["*.*.*", ">"]);
});

test("SubjectTrie: says which value is the first and the last of its pattern", () => {
  const trie = new SubjectTrie<number>();
  for (const pattern of ["a.b", "a.*", "a.>", ">"]) {
    assertEquals([trie.add(pattern, 1), trie.add(pattern, 2), trie.add(pattern, 2)], [true, false, false]);
    assertEquals(trie.delete(pattern, 3), false);
    assertEquals([trie.delete(pattern, 1), trie.delete(pattern, 2), trie.delete(pattern, 2)], [
      false,
      true,
      false,
    ]);
  }
  assertEquals([trie.size, trie.match("a.b")], [0, []]);
});

test("SubjectTrie: a value with several patterns that match comes once", () => {
  const trie = new SubjectTrie<string>();
  for (const pattern of ["a.b", "a.*", "*.b", ">"]) trie.add(pattern, "one");
  trie.add("a.b", "two");
  assertEquals([...trie.matchOnce("a.b")].sort(), ["one", "two"]);
  assertEquals([trie.hasMatch("a.c", "one"), trie.hasMatch("a.c", "two")], [true, false]);
});

// The naive matcher asks every pattern, by a regular expression that is the definition of one.
function matchesNaively(pattern: string, subject: string): boolean {
  const source = pattern.split(".").map((token) =>
    token === "*" ? "[^.]+" : token === ">" ? ".+" : `(?:${token})`
  );
  return new RegExp(`^${source.join("\\.")}$`, "u").test(subject);
}

function randomSubject(random: Random, isPattern: boolean): string {
  const length = random.between(1, 5);
  const tokens = Array.from({ length }, (_, index) => {
    if (isPattern && random.chance(0.25)) return "*";
    if (isPattern && index === length - 1 && random.chance(0.25)) return ">";
    return "abc"[random.between(0, 2)];
  });
  return tokens.join(".");
}

test("SubjectTrie: finds what asking every pattern finds, while patterns come and go", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed);
    const trie = new SubjectTrie<number>();
    const pairs = new Map<string, [pattern: string, value: number]>();
    for (let step = 0; step < 150; step++) {
      const pattern = randomSubject(random, true);
      const value = random.between(1, 5);
      const key = `${pattern} ${value}`;
      const others = [...pairs.values()].filter(([other, at]) => other === pattern && at !== value).length;
      if (random.chance(0.6)) {
        const isNew = !pairs.has(key);
        assertEquals(trie.add(pattern, value), isNew && others === 0, `seed ${seed}: add ${key}`);
        pairs.set(key, [pattern, value]);
      } else {
        assertEquals(
          trie.delete(pattern, value),
          pairs.delete(key) && others === 0,
          `seed ${seed}: delete ${key}`,
        );
      }
      const subject = randomSubject(random, false);
      const expected = [...pairs.values()].filter(([wanted]) => matchesNaively(wanted, subject));
      const values = [...new Set(expected.map(([, at]) => at))].sort();
      assertEquals([...trie.matchOnce(subject)].sort(), values, `seed ${seed}: ${subject}`);
      assertEquals(trie.size, pairs.size);
    }
    for (const [pattern, value] of pairs.values()) trie.delete(pattern, value);
    assertEquals([trie.size, trie.match("a.b")], [0, []]);
  }
});
